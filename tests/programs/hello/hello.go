// Hello from Go: 2.4 MB with a scheduler and a garbage collector, to show that nothing is too large to be understood.
package main

import (
	"fmt"
	"os"
)

func main() {
	words := os.Args[1:]
	plural := "s"
	if len(words) == 1 {
		plural = ""
	}
	fmt.Printf("Hello from Go, %d argument%s.\n", len(words), plural)
	for index, word := range words {
		fmt.Printf("%2d: %s\n", index+1, word)
	}
}
