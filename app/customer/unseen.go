package customer

import (
	"assist/app/problem"
	"assist/app/session"
)

// Unseen says that the customer does not see any more what is shared and how to stop it, or, for problem.Unmarked, that this
// program's own windows cannot be left out of the picture. What must not go on so has stopped when it returns: shared control
// becomes view only, and a picture with our windows in it nothing. Both ends are told why. At a level that may go on nothing happens.
func (r *Runner) Unseen(why problem.Code) {
	most := session.ViewOnly
	if why == problem.Unmarked {
		most = session.ChatOnly
	}
	l := r.live.Load()
	if l == nil || l.level() <= most {
		return
	}
	l.lower(most)
	r.box.Put(trouble{problem.New(why, nil), most})
}
