// Package report knows, for a day, which sessions there were and who may still say how they ended. An app often has no connection
// left, at the end of a session, over which the service would know it: the network changed, or the service was started anew. So the
// customer's app gets a token with its attempt, whose hash is kept here, and may report over any connection; an engineer's app
// reports as the account that accepted the attempt.
//
// Each may be said once. What is said, and where it is recorded, is the caller's business.
package report

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"assist/signaling"
)

// Life is how long after its beginning a session can be reported on.
const Life = signaling.ReportLife

// Kind is who says what.
type Kind string

// The kinds. An alarm is apart from the customer's end, so that neither keeps the other out.
const (
	CustomerEnd   Kind = "customer-end"
	CustomerAlarm Kind = "customer-alarm"
	EngineerEnd   Kind = "engineer-end"
)

// What Take refuses with. Wrong tokens and accounts look like attempts that are not there.
var (
	ErrUnknown = errors.New("report: no such session")
	ErrTaken   = errors.New("report: said already")
)

// Bucket is where a Book keeps what it knows: keys with values, written only if the revision still is the one that was
// read. A revision of zero means that there is no such key. What is older than [Life] may be gone.
type Bucket interface {
	Get(ctx context.Context, key string) (value []byte, revision uint64, err error)
	Put(ctx context.Context, key string, value []byte, revision uint64) (next uint64, ok bool, err error)
}

// Book is all sessions of the last day. Its methods may be called from any goroutine and any node.
type Book struct {
	bucket Bucket
	now    func() time.Time
	seed   maphash.Seed
	turns  [64]sync.Mutex // by attempt: one report at a time
}

// NewBook returns the book kept in a bucket of its own. now may be nil.
func NewBook(b Bucket, now func() time.Time) *Book {
	if now == nil {
		now = time.Now
	}
	return &Book{bucket: b, now: now, seed: maphash.MakeSeed()}
}

// page is what is kept of a session.
type page struct {
	Account string    `json:"account"`
	Token   string    `json:"token"` // hash of the customer's
	Began   time.Time `json:"began"`
	Taken   []Kind    `json:"taken,omitempty"`
}

// Hash returns what may be known of a token where it is not needed itself.
func Hash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// Open notes that attempt became a session with an engineer's account, whose customer has the token with this hash.
func (b *Book) Open(ctx context.Context, attempt, account, hash string) error {
	value, err := json.Marshal(page{Account: account, Token: hash, Began: b.now()})
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, ok, err := b.bucket.Put(ctx, attempt, value, 0)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if !ok {
		return errors.New("report: attempt is there already")
	}
	return nil
}

// Proof is why somebody may report on a session.
type Proof struct {
	Token   string // of a customer
	Account string // of an engineer who has signed in
}

// Take calls record if who has the proof may report on attempt and has not yet. If record fails, nothing was said. Errors:
// ErrUnknown, ErrTaken, that of record, and those of the bucket.
//
// The report is recorded before it is marked as said: should the service end in between, it is recorded twice, but never lost.
func (b *Book) Take(ctx context.Context, attempt string, k Kind, proof Proof, record func() error) error {
	turn := &b.turns[maphash.String(b.seed, attempt)%uint64(len(b.turns))]
	turn.Lock()
	defer turn.Unlock()
	p, revision, err := b.get(ctx, attempt)
	switch {
	case err != nil:
		return err
	case revision == 0 || b.now().Sub(p.Began) > Life || !p.allows(k, proof):
		return ErrUnknown
	case slices.Contains(p.Taken, k):
		return ErrTaken
	}
	if err := record(); err != nil {
		return err
	}
	return b.mark(ctx, attempt, k)
}

// allows reports whether proof is that of who says k.
func (p page) allows(k Kind, proof Proof) bool {
	if k == EngineerEnd {
		return proof.Account != "" && proof.Account == p.Account
	}
	return subtle.ConstantTimeCompare([]byte(Hash(proof.Token)), []byte(p.Token)) == 1
}

// mark notes that k was said, whatever else was on another node meanwhile.
func (b *Book) mark(ctx context.Context, attempt string, k Kind) error {
	for range 10 { // there are three kinds
		p, revision, err := b.get(ctx, attempt)
		if err != nil || revision == 0 || slices.Contains(p.Taken, k) {
			return err
		}
		p.Taken = append(p.Taken, k)
		value, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		if _, ok, err := b.bucket.Put(ctx, attempt, value, revision); ok || err != nil {
			return err
		}
	}
	return errors.New("report: changed by others all the time")
}

func (b *Book) get(ctx context.Context, attempt string) (p page, revision uint64, err error) {
	value, revision, err := b.bucket.Get(ctx, attempt)
	if err != nil {
		return page{}, 0, fmt.Errorf("report: %w", err)
	}
	if revision == 0 {
		return page{}, 0, nil
	}
	if err := json.Unmarshal(value, &p); err != nil {
		return page{}, 0, fmt.Errorf("report: page: %w", err)
	}
	return p, revision, nil
}
