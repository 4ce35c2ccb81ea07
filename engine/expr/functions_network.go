package expr

import "github.com/skeinsql/skein/engine/types"

// Network addresses and MAC addresses.
func init() {
	inet, cidr, text, int4, int8, boolean := types.InetT, types.CidrT, types.TextT, types.Int4T, types.Int8T, types.BoolT
	for _, op := range [][2]string{{"sub", "<<"}, {"subeq", "<<="}, {"sup", ">>"}, {"supeq", ">>="}, {"overlap", "&&"}} {
		define(opRow("network_"+op[0], op[1], boolean, inet, inet))
	}
	define(
		opRow("inetnot", "~", inet, inet), opRow("inetand", "&", inet, inet, inet), opRow("inetor", "|", inet, inet, inet),
		opRow("inetpl", "+", inet, inet, int8), opRow("int8pl_inet", "+", inet, int8, inet),
		opRow("inetmi_int8", "-", inet, inet, int8), opRow("inetmi", "-", int8, inet, inet),
		row("inet_abbrev", "abbrev", text, inet), row("cidr_abbrev", "abbrev", text, cidr),
		row("network_broadcast", "broadcast", inet, inet), row("network_family", "family", int4, inet),
		row("network_host", "host", text, inet), row("network_hostmask", "hostmask", inet, inet),
		row("network_masklen", "masklen", int4, inet), row("network_netmask", "netmask", inet, inet),
		row("network_network", "network", cidr, inet), row("network_show", "text", text, inet),
		row("inet_set_masklen", "set_masklen", inet, inet, int4), row("cidr_set_masklen", "set_masklen", cidr, cidr, int4),
		row("inet_merge", "inet_merge", cidr, inet, inet), row("inet_same_family", "inet_same_family", boolean, inet, inet),
	)
	for _, mac := range []*types.Type{types.MacaddrT, types.Macaddr8T} {
		define(
			opRow(mac.Name+"_not", "~", mac, mac), opRow(mac.Name+"_and", "&", mac, mac, mac), opRow(mac.Name+"_or", "|", mac, mac, mac),
			row(mac.Name+"_trunc", "trunc", mac, mac),
		)
	}
	define(row("macaddr8_set7bit", "macaddr8_set7bit", types.Macaddr8T, types.Macaddr8T))
}
