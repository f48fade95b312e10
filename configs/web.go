package configs

import (
	"errors"
	"net"
	"net/url"
	"strconv"

	"legroom/internal/fault"
)

// Web is the page and the signalling of web clients.
type Web struct {
	// Listen is the address of HTTPS, host:port; an empty host means all addresses. Default ":8443".
	Listen string `yaml:"listen"`
	// URL is how people reach it, as it stands in links: "https://meet.example". Default: this machine's first address
	// and the port above.
	URL string `yaml:"url"`
	// Certificate is a PEM file with the chain; empty: an own certificate in StateDir, made at first start.
	Certificate string `yaml:"certificate"`
	// Key is the PEM file of its private key; empty where Certificate is.
	Key string `yaml:"key"`
	// Names and addresses that a certificate made at first start is good for, beside this machine's own. Default none.
	Names []string `yaml:"names"`
	// Origins are other web origins that may open the signalling connection: "https://portal.example". Default none.
	Origins []string `yaml:"origins"`
}

// DefaultWeb listens on all addresses.
func DefaultWeb() Web { return Web{Listen: ":8443"} }

// Validate lists what is wrong, as faults joined.
func (w Web) Validate() error {
	errs := []error{address("listen", w.Listen)}
	if (w.Certificate == "") != (w.Key == "") {
		errs = append(errs, fault.At("certificate", "certificate and key come together or not at all"))
	}
	if w.URL != "" {
		errs = append(errs, origin("url", w.URL))
	}
	for i, o := range w.Origins {
		errs = append(errs, origin("origins["+strconv.Itoa(i)+"]", o))
	}
	return errors.Join(errs...)
}

func origin(path, s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return fault.At(path, "is %q, must be https://host or https://host:port and nothing behind", s)
	}
	return nil
}

func address(path, s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return fault.At(path, "is %q, must be host:port or :port", s)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fault.At(path, "port %q is not between 0 and 65535", port)
	}
	return nil
}
