// Package nettest holds the tests of the ways out with real parts: the service, proxies that others have written, and a
// firewall that drops everything else, each on a host of its own in a lab of network namespaces. The package has tests
// only. `make net-test` runs all of them and prints the table; `make test` runs one of each kind.
package nettest
