package rate
import "fmt"
func (c *Controller) Base() string { l,_:=c.base.lowest(); return fmt.Sprint(l.delay, "/", l.bytes, " drain ", c.base.drain) }
