// Runs a program once and prints what it cost, as JSON. Node can't ask the kernel for another process's resources, and a
// measuring process must be small: a child counts the memory its parent had when it was started.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	command := exec.Command(os.Args[1], os.Args[2:]...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	start := time.Now()
	err := command.Run()
	wall := time.Since(start)
	state := command.ProcessState
	if state == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	usage := state.SysUsage().(*syscall.Rusage)
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"wallMs":    wall.Seconds() * 1000,
		"cpuMs":     (state.UserTime() + state.SystemTime()).Seconds() * 1000,
		"peakMiB":   float64(usage.Maxrss) / 1024,
		"exitCode":  state.ExitCode(),
		"complaint": complaints.String(),
	})
}
