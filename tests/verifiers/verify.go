// Judges what make_proofs wrote with the code of Go's checksum database, and demands that
// it refuses the same with one bit changed. Lines:
//
//	seed N
//	tree VKEY NOTE         a signed checkpoint; what follows is of this tree
//	leaf INDEX RECORD HASH...
//	grow OLD-SIZE OLD-ROOT HASH...
//	tile PATH BYTES        judged against the last tree
//
// Binary words are base64.
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, args ...interface{}) {
	fmt.Printf(format+"\n", args...)
	os.Exit(1)
}

func bytesOf(word string) []byte {
	bytes, err := base64.StdEncoding.DecodeString(word)
	if err != nil {
		fail("not base64: %q", word)
	}
	return bytes
}

func hashOf(word string) (hash tlog.Hash) {
	if bytes := bytesOf(word); copy(hash[:], bytes) != tlog.HashSize || len(bytes) != tlog.HashSize {
		fail("not a hash: %q", word)
	}
	return hash
}

func number(word string) int64 {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		fail("not a number: %q", word)
	}
	return n
}

// The checkpoint in a note that `vkey` signed.
func open(vkey string, message []byte) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	return tlog.Tree{N: number(lines[1]), Hash: hashOf(lines[2])}, nil
}

// Reads tiles from memory; ReadTiles is asked for those of Go's naming, whose height is ours.
type tiles map[string][]byte

func (t tiles) Height() int                        { return 8 }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, ok := t[path]
		if !ok {
			return nil, fmt.Errorf("no %s", path)
		}
		found = append(found, bytes)
	}
	return found, nil
}

func main() {
	var tree tlog.Tree
	all := tiles{}
	var trees, leaves, grows, refused int
	random := rand.New(rand.NewSource(1))
	flip := func(bytes []byte) { bytes[random.Intn(len(bytes))] ^= 1 << random.Intn(8) }
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<20)
	for input.Scan() {
		words := strings.Fields(input.Text())
		switch words[0] {
		case "seed":
			fmt.Println(input.Text())
			random = rand.New(rand.NewSource(number(words[1])))
		case "tree":
			message := bytesOf(words[2])
			opened, err := open(words[1], message)
			if err != nil {
				fail("tree: %v", err)
			}
			tree = opened
			trees++
			flip(message[:strings.Index(string(message), "\n\n")])
			if _, err := open(words[1], message); err == nil {
				fail("tree of %d: accepted with a bit changed", tree.N)
			}
			refused++
		case "leaf":
			index, record := number(words[1]), bytesOf(words[2])
			var proof tlog.RecordProof
			for _, word := range words[3:] {
				proof = append(proof, hashOf(word))
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(record)); err != nil {
				fail("leaf %d of %d: %v", index, tree.N, err)
			}
			leaves++
			if len(proof) > 0 && leaves%2 == 0 {
				flip(proof[random.Intn(len(proof))][:])
			} else {
				flip(record)
			}
			if tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(record)) == nil {
				fail("leaf %d of %d: accepted with a bit changed", index, tree.N)
			}
			refused++
		case "grow":
			size, root := number(words[1]), hashOf(words[2])
			var proof tlog.TreeProof
			for _, word := range words[3:] {
				proof = append(proof, hashOf(word))
			}
			if err := tlog.CheckTree(proof, tree.N, tree.Hash, size, root); err != nil {
				fail("%d to %d: %v", size, tree.N, err)
			}
			grows++
			flip(root[:])
			if tlog.CheckTree(proof, tree.N, tree.Hash, size, root) == nil {
				fail("%d to %d: accepted with a bit changed", size, tree.N)
			}
			refused++
		case "tile":
			all[words[1]] = bytesOf(words[2])
		default:
			fail("no such line: %q", input.Text())
		}
	}
	if err := input.Err(); err != nil {
		fail("%v", err)
	}
	// Reading hashes makes Go check their tiles up to the root. This version leaves as many
	// unchecked as the right edge has tiles twice; so all are asked for at once, and the one
	// that is broken comes last.
	reader := tlog.TileHashReader(tree, all)
	var indexes []int64
	for i := 0; i < 1000; i++ {
		indexes = append(indexes, 1000+random.Int63n(tree.N-1000))
	}
	indexes = append(indexes, 7)
	var stored []int64
	for _, index := range indexes {
		stored = append(stored, tlog.StoredHashIndex(0, index))
	}
	hashes, err := reader.ReadHashes(stored)
	if err != nil {
		fail("tiles: %v", err)
	}
	for i, index := range indexes {
		if hashes[i] != tlog.RecordHash([]byte(fmt.Sprintf("record %d", index))) {
			fail("tiles: another hash for record %d", index)
		}
	}
	flip(all["tile/0/000"])
	if _, err := reader.ReadHashes(stored); err == nil {
		fail("a tile was accepted with a bit changed")
	}
	if trees == 0 || leaves == 0 || grows == 0 {
		fail("nothing to judge")
	}
	fmt.Printf("%d checkpoints, %d inclusion and %d consistency proofs and 1001 hashes in %d tiles hold; %d changed ones were refused\n",
		trees, leaves, grows, len(all), refused+1)
}
