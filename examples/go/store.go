package main

import (
	"bytes"
	"encoding/json"

	"github.com/gomodule/redigo/redis"
)

// Store applies changes idempotently. Here it is one Redis hash a table; put your index or database in its place.
type Store struct {
	conn redis.Conn
	name string
	keys map[string][]string // table -> the columns of its key (default: id); the message of an INSERT does not say
}

type column struct {
	Name  string
	Value any
}

type change struct {
	Action, Schema, Table string
	Columns, Identity     []column
}

// Apply changes nothing if the last message comes again. The position, if any, is stored in the same step.
func (s *Store) Apply(message []byte, position string) error {
	var c change
	if err := decode(message, &c); err != nil {
		return err
	}
	table := c.Schema + "." + c.Table
	row, old := values(c.Columns), values(c.Identity)
	if len(old) == 0 {
		old = row
	}
	before := s.key(table, old)
	hash := s.name + ":" + table

	var step [][]any
	if c.Action == "D" {
		step = append(step, []any{"HDEL", hash, before})
	} else {
		after := s.key(table, merge(old, row))
		// A large column that an UPDATE left as it was is absent: what the store has of it stays. The row may have moved
		// to its new key already, if this message comes again.
		moved, err := s.row(hash, after)
		if err != nil {
			return err
		}
		known, err := s.row(hash, before)
		if err != nil {
			return err
		}
		if after != before {
			step = append(step, []any{"HDEL", hash, before})
		}
		text, _ := json.Marshal(merge(merge(moved, known), row))
		step = append(step, []any{"HSET", hash, after, text})
	}
	if position != "" {
		step = append(step, []any{"SET", s.name + ":position", position})
	}
	return s.inOneStep(step)
}

// Position is the id of the last entry that was applied.
func (s *Store) Position() (string, error) {
	position, err := redis.String(s.conn.Do("GET", s.name+":position"))
	if err == redis.ErrNil {
		return "0-0", nil
	}
	return position, err
}

func (s *Store) inOneStep(commands [][]any) error {
	s.conn.Send("MULTI")
	for _, command := range commands {
		s.conn.Send(command[0].(string), command[1:]...)
	}
	_, err := s.conn.Do("EXEC")
	return err
}

func (s *Store) key(table string, row map[string]any) string {
	columns, known := s.keys[table]
	if !known {
		columns = []string{"id"}
	}
	key := make([]any, len(columns))
	for i, name := range columns {
		key[i] = row[name]
	}
	text, _ := json.Marshal(key)
	return string(text)
}

func (s *Store) row(hash, key string) (map[string]any, error) {
	row := map[string]any{}
	text, err := redis.Bytes(s.conn.Do("HGET", hash, key))
	if err == redis.ErrNil {
		return row, nil
	}
	if err != nil {
		return nil, err
	}
	return row, decode(text, &row)
}

// Numbers stay as they are written: a float64 would round a bigint beyond 2^53 and a long numeric.
func decode(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

func values(columns []column) map[string]any {
	row := map[string]any{}
	for _, c := range columns {
		row[c.Name] = c.Value
	}
	return row
}

func merge(below, above map[string]any) map[string]any {
	row := map[string]any{}
	for name, value := range below {
		row[name] = value
	}
	for name, value := range above {
		row[name] = value
	}
	return row
}
