package gitops

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Family is a kind of address by which a host is reached.
type Family string

// The families. A path has none, nor has a name that only ssh or a proxy understands.
const (
	AnyFamily Family = ""
	IPv4      Family = "ipv4"
	IPv6      Family = "ipv6"
)

// flag makes git use addresses of the family alone.
func (f Family) flag() []string {
	switch f {
	case IPv4:
		return []string{"-4"}
	case IPv6:
		return []string{"-6"}
	}
	return nil
}

// families tells by which kinds of address a repository can be asked from here, and by
// which not, because this machine has no way to such addresses.
func families(ctx context.Context, raw string) (usable, noWay []Family) {
	host := hostOf(raw)
	if host == "" {
		return []Family{AnyFamily}, nil
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return []Family{AnyFamily}, nil
	}
	for _, f := range []Family{IPv4, IPv6} {
		of := slices.DeleteFunc(slices.Clone(addresses), func(a netip.Addr) bool { return familyOf(a) != f })
		switch {
		case len(of) == 0:
		case slices.ContainsFunc(of, func(a netip.Addr) bool { return hasWay(ctx, a) }):
			usable = append(usable, f)
		default:
			noWay = append(noWay, f)
		}
	}
	if len(usable) == 0 {
		return []Family{AnyFamily}, nil // git will say what is wrong
	}
	return usable, noWay
}

func familyOf(a netip.Addr) Family {
	if a.Unmap().Is4() {
		return IPv4
	}
	return IPv6
}

// hasWay tells whether this machine knows where to send packets for an address. It
// sends none.
func hasWay(ctx context.Context, a netip.Addr) bool {
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp", netip.AddrPortFrom(a, 9).String())
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// hostOf is the host that a URL names, "" for a path.
func hostOf(raw string) string {
	if _, local := localPath(raw); local {
		return ""
	}
	if u, err := url.Parse(raw); err == nil && strings.Contains(raw, "://") {
		return u.Hostname()
	}
	host, _, _ := strings.Cut(raw, ":")
	return host[strings.LastIndexByte(host, '@')+1:]
}

// HostOf names the machine that a repository is on, to ask each one thing at a time; ""
// for this one.
func HostOf(raw string) string {
	host := strings.ToLower(hostOf(raw))
	if a, err := netip.ParseAddr(host); host == "localhost" || err == nil && a.IsLoopback() {
		return ""
	}
	return host
}
