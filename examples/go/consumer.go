// A consumer of a queue of hash-realtime. Kill it whenever you like: nothing is lost, and what comes again changes nothing.
//
//	consumer list QUEUE STORE             one consumer at a time
//	consumer stream QUEUE STORE GROUP     one consumer at a time in a group; any number of groups
//
// REDIS_URL names the server. KEYS has the keys of tables whose key is not id: "public.orders=tenant,number public.a=b".
// CONSUMER is its name in the group, CLAIM_AFTER_MS when another's entries count as given up, TRIM=1 shortens the stream.
package main

import (
	"log"
	"os"
	"strings"

	"github.com/gomodule/redigo/redis"
)

func main() {
	log.SetFlags(0)
	conn, err := redis.DialURL(setting("REDIS_URL", "redis://localhost:6379"))
	check(err)
	keys := map[string][]string{}
	for _, entry := range strings.Fields(os.Getenv("KEYS")) {
		table, columns, _ := strings.Cut(entry, "=")
		keys[table] = strings.Split(columns, ",")
	}
	kind, queue := os.Args[1], os.Args[2]
	store := &Store{conn, os.Args[3], keys}
	if kind == "list" {
		check(consumeList(conn, queue, store))
	} else {
		check(consumeStream(conn, queue, store, os.Args[4]))
	}
}

// consumeList: the oldest message is at the right. It stays in the processing list until it has been applied.
func consumeList(conn redis.Conn, queue string, store *Store) error {
	processing := queue + "-processing"
	for { // what the consumer before us had in hand when it died
		message, err := redis.Bytes(conn.Do("LINDEX", processing, -1))
		if err == redis.ErrNil {
			break
		}
		if err := applied(conn, store, message, err, processing); err != nil {
			return err
		}
	}
	for {
		message, err := redis.Bytes(conn.Do("BLMOVE", queue, processing, "RIGHT", "LEFT", 5))
		if err == redis.ErrNil {
			continue
		}
		if err := applied(conn, store, message, err, processing); err != nil {
			return err
		}
	}
}

func applied(conn redis.Conn, store *Store, message []byte, err error, processing string) error {
	if err != nil {
		return err
	}
	if err := store.Apply(message, ""); err != nil {
		return err
	}
	_, err = conn.Do("RPOP", processing)
	return err
}

func setting(name, otherwise string) string {
	if value, set := os.LookupEnv(name); set {
		return value
	}
	return otherwise
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
