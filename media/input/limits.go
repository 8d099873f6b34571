package input

import "time"

// replyLimit is how long the system may take to answer. After it the injector gives up.
const replyLimit = 2 * time.Second
