package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

var consumer = setting("CONSUMER", "consumer-1")
var claimAfter = setting("CLAIM_AFTER_MS", "60000") // longer than the work on one batch may take
var trim = setting("TRIM", "") == "1"              // only where this is the only group

type entry struct {
	id     string
	fields map[string]string
}

func consumeStream(conn redis.Conn, queue string, store *Store, group string) error {
	if err := join(conn, queue, group); err != nil {
		return err
	}
	if err := claim(conn, queue, group); err != nil {
		return err
	}
	after := "0" // first what is ours and was not acknowledged, in order; then (">") what nobody has read
	for {
		entries, err := read(conn, queue, group, after)
		if err != nil {
			return err
		}
		for _, e := range entries {
			// Ids count changes, and the store keeps the last one in the same step as the row: each is applied once.
			position, err := store.Position()
			if err != nil {
				return err
			}
			if e.fields != nil && isAfter(e.id, position) {
				if err := store.Apply([]byte(e.fields["payload"]), e.id); err != nil {
					return err
				}
			}
		}
		if len(entries) > 0 {
			if err := acknowledge(conn, queue, group, entries); err != nil {
				return err
			}
		}
		if after != ">" && len(entries) == 0 {
			after = ">"
		} else if after != ">" {
			after = entries[len(entries)-1].id
		}
	}
}

func acknowledge(conn redis.Conn, queue, group string, entries []entry) error {
	arguments := redis.Args{queue, group}
	for _, e := range entries {
		arguments = append(arguments, e.id)
	}
	if _, err := conn.Do("XACK", arguments...); err != nil || !trim {
		return err
	}
	_, err := conn.Do("XTRIM", queue, "MINID", entries[len(entries)-1].id)
	return err
}

// join: the service makes the stream with its first entry. Without MKSTREAM: a key made by somebody else is not its own.
func join(conn redis.Conn, queue, group string) error {
	for {
		_, err := conn.Do("XGROUP", "CREATE", queue, group, "0")
		if err == nil || strings.Contains(err.Error(), "BUSYGROUP") {
			return nil
		}
		if conn.Err() != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// claim takes over what other consumers of the group left: all of it, before anything newer, or the order would be lost.
func claim(conn redis.Conn, queue, group string) error {
	for {
		consumers, err := redis.Values(conn.Do("XINFO", "CONSUMERS", queue, group))
		if err != nil {
			return err
		}
		others := int64(0)
		for _, c := range consumers {
			facts, _ := redis.Values(c, nil)
			if name, _ := redis.String(facts[1], nil); name != consumer {
				pending, _ := redis.Int64(facts[3], nil)
				others += pending
			}
		}
		if others == 0 {
			return nil
		}
		if _, err := conn.Do("XAUTOCLAIM", queue, group, consumer, claimAfter, "0", "COUNT", 1000, "JUSTID"); err != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func read(conn redis.Conn, queue, group, after string) ([]entry, error) {
	answer, err := redis.Values(conn.Do("XREADGROUP", "GROUP", group, consumer, "COUNT", 100, "BLOCK", 5000, "STREAMS", queue, after))
	if err == redis.ErrNil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	stream, err := redis.Values(answer[0], nil)
	if err != nil {
		return nil, err
	}
	rows, err := redis.Values(stream[1], nil)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(rows))
	for i, row := range rows {
		pair, _ := redis.Values(row, nil)
		entries[i].id, _ = redis.String(pair[0], nil)
		entries[i].fields, _ = redis.StringMap(pair[1], nil) // nil where it was trimmed since it was read
	}
	return entries, nil
}

func isAfter(id, other string) bool {
	a, b := parts(id), parts(other)
	return a[0] > b[0] || a[0] == b[0] && a[1] > b[1]
}

func parts(id string) [2]uint64 {
	first, second, _ := strings.Cut(id, "-")
	number, _ := strconv.ParseUint(first, 10, 64)
	part, _ := strconv.ParseUint(second, 10, 64)
	return [2]uint64{number, part}
}
