package transcript

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strconv"
)

// Finished is the transcript of a session that is over. It does not change.
type Finished struct {
	text    []byte
	summary Summary
	head    head
}

func finish(b *book) *Finished {
	f := &Finished{text: b.bytes(), summary: b.story.summary, head: b.head}
	f.summary.EndedBy = endedBy(f.summary.Reason)
	f.summary.Signed = min(b.customer.number, b.engineer.number)
	return f
}

// Bytes is the file. The caller must not change it.
func (f *Finished) Bytes() []byte { return f.text }

// Summary is what happened.
func (f *Finished) Summary() Summary { return f.summary }

// Head is the hash of all entries: with it in somebody else's keeping, neither end can write another transcript later.
func (f *Finished) Head() [sha256.Size]byte { return f.head }

// JSON is the summary as an indented JSON object, times by the customer's clock (RFC 3339).
func (f *Finished) JSON() ([]byte, error) { return marshal(f.summary) }

// Save writes the transcript to a file that does not exist yet, for this user's eyes only, and has it on the disk when
// it returns. After an error there is no file.
func (f *Finished) Save(name string) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("transcript: save: %w", err)
	}
	_, err = file.Write(f.text)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(name)
		return fmt.Errorf("transcript: save: %w", err)
	}
	return nil
}

// bytes is the file.
func (b *book) bytes() []byte {
	out := make([]byte, 0, len(heading)+b.size+len(b.lines)*(chainSize+1)+4<<10)
	out = append(append(out, heading...), '\n')
	h := begin
	for _, text := range b.lines {
		h = h.next(text)
		out = append(append(out, seal(text, h)...), '\n')
	}
	if b.customer.number > 0 {
		out = append(append(out, b.customer.line(byCustomer, nil)...), '\n')
	}
	if b.engineer.number > 0 {
		out = append(append(out, b.engineer.line(byEngineer, b.session.Identity)...), '\n')
	}
	return out
}

// line is the signature in the file.
func (s signature) line(by string, identity []byte) string {
	fields := []field{{"entry", strconv.Itoa(s.number)}}
	if identity != nil {
		fields = append(fields, field{"identity", encoding.EncodeToString(identity)})
	}
	fields = append(fields, field{"value", encoding.EncodeToString(s.value[:])})
	return string(appendFields([]byte(signatureWord+by), fields))
}

const signatureWord = "signature "
