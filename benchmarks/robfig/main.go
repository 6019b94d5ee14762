// robfig/cron, asked the same questions as the other contenders: register N, lag K S, idle N S.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/robfig/cron/v3"
)

func answer(figures map[string]float64) {
	json.NewEncoder(os.Stdout).Encode(figures)
}

// The schedules come on stdin, one a line.
func lines() []string {
	found := []string{}
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		found = append(found, scanner.Text())
	}
	return found
}

func register() {
	texts := lines()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := used()
	c := cron.New(cron.WithLocation(time.UTC))
	for _, text := range texts {
		if _, err := c.AddFunc(text, func() {}); err != nil {
			panic(err)
		}
	}
	c.Start()
	c.Entries() // answered once every first fire is known
	seconds := used() - start
	runtime.GC()
	runtime.ReadMemStats(&after)
	answer(map[string]float64{
		"seconds":      seconds,
		"bytes_a_task": float64(after.HeapAlloc-before.HeapAlloc) / float64(len(texts)),
	})
}

func lag(number, seconds int) {
	var lock sync.Mutex
	late := []float64{}
	c := cron.New(cron.WithLocation(time.UTC))
	for i := 0; i < number; i++ {
		c.AddFunc("@every 1s", func() {
			now := time.Now()
			gone := float64(now.Nanosecond()) / 1e9
			lock.Lock()
			late = append(late, gone)
			lock.Unlock()
		})
	}
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(1500 * time.Millisecond)))
	c.Start()
	time.Sleep(time.Duration(seconds)*time.Second + 200*time.Millisecond)
	<-c.Stop().Done()
	sort.Float64s(late)
	answer(map[string]float64{
		"started":  float64(len(late)),
		"expected": float64(number * seconds),
		"p50":      late[len(late)/2],
		"p99":      late[len(late)*99/100],
	})
}

func used() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func idle(number, seconds int) {
	c := cron.New(cron.WithLocation(time.UTC))
	for i := 0; i < number; i++ {
		c.AddFunc("0 0 1 1 *", func() {})
	}
	c.AddFunc("@every 1s", func() {})
	c.Start()
	time.Sleep(time.Second)
	before := used()
	time.Sleep(time.Duration(seconds) * time.Second)
	answer(map[string]float64{"processor": (used() - before) / float64(seconds)})
}

func main() {
	numbers := []int{}
	for _, word := range os.Args[2:] {
		number, _ := strconv.Atoi(word)
		numbers = append(numbers, number)
	}
	switch os.Args[1] {
	case "register":
		register()
	case "lag":
		lag(numbers[0], numbers[1])
	case "idle":
		idle(numbers[0], numbers[1])
	}
}
