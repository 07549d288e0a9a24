using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Addresses and networks as texts. Each rule answers null when the text is fine.</summary>
internal static class AddressRules
{
    /// <summary>An address of which all programs think the same, in canonical form or not.</summary>
    public static string? Ip(string text) => Parse(text) switch
    {
        null => "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
        _ when HasLeadingZeros(text) => "must not have leading 0s",
        { IsIPv4MappedToIPv6: true } => "must not be an IPv4-mapped IPv6 address",
        _ => null,
    };

    public static string? CanonicalIp(string text) =>
        Ip(text) ?? (Show(Parse(text)!) is var canonical && canonical != text ? $"must be in canonical form (\"{canonical}\")" : null);

    public static string? Cidr(string text)
    {
        if (Split(text) is not var (address, length)) { return "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"; }
        var (ip, prefix) = (text[..text.IndexOf('/')], text[(text.IndexOf('/') + 1)..]);
        return HasLeadingZeros(ip) || prefix is ['0', _, ..] ? "must not have leading 0s in IP or prefix length"
            : address.IsIPv4MappedToIPv6 ? "must not have an IPv4-mapped IPv6 address"
            : !Masked(address, length).Equals(address) ? "must not have bits set beyond the prefix length"
            : null;
    }

    public static string? CanonicalCidr(string text) =>
        Cidr(text) ?? (Show(Network(text)!.Value) is var canonical && canonical != text ? $"must be in canonical form (\"{canonical}\")" : null);

    /// <summary>Addresses that mean something else on every machine are nobody's endpoint.</summary>
    public static string? Endpoint(string text)
    {
        if (Parse(text) is not { } parsed) { return "must be a valid IP address"; }
        var address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        var bytes = address.GetAddressBytes();
        return address switch
        {
            _ when address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) => $"may not be unspecified ({text})",
            _ when IPAddress.IsLoopback(address) => "may not be in the loopback range (127.0.0.0/8, ::1/128)",
            _ when address.IsIPv6LinkLocal || bytes is [169, 254, _, _] => "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
            _ when bytes is [224, 0, 0, _] || (bytes is [255, var scope, _, _, _, ..] && (scope & 15) == 2) =>
                "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
            _ => null,
        };
    }

    public static bool IsIp(string text) => Parse(text) is not null;

    /// <summary>IPv4 or IPv6; null when the text is no address.</summary>
    public static string? Family(string text) => Parse(text) is { } address ? Family(address) : null;

    /// <summary>The network of a CIDR, whose address need not be the network's first; null when it is none.</summary>
    public static IPNetwork? Network(string cidr) => Split(cidr) is var (address, length) ? new(Masked(address, length), length) : null;

    public static string Family(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6 ? "IPv4" : "IPv6";

    /// <summary>Leading zeros are read as decimal ones, as old Kubernetes did; shorter and other spellings are no addresses.</summary>
    public static IPAddress? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0) { return ParseDotted(text); }
        if (text.Any(static c => !char.IsAsciiHexDigit(c) && c is not (':' or '.'))) { return null; }
        if (!text.Contains('.')) { return IPAddress.TryParse(text, out var address) ? address : null; }
        return ParseDotted(text[(colon + 1)..]) is { } last && IPAddress.TryParse($"{text[..(colon + 1)]}{last}", out var mixed) ? mixed : null;
    }

    /// <summary>The form of RFC 5952, in which only mapped addresses have dots.</summary>
    public static string Show(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) { return address.MapToIPv4().ToString(); }
        var text = address.ToString();
        if (address.AddressFamily == AddressFamily.InterNetwork || !text.Contains('.')) { return text; }
        var bytes = address.GetAddressBytes();
        return $"{text[..(text.LastIndexOf(':') + 1)]}{(bytes[12] << 8) | bytes[13]:x}:{(bytes[14] << 8) | bytes[15]:x}";
    }

    public static string Show(IPNetwork network) => $"{Show(network.BaseAddress)}/{network.PrefixLength}";

    public static bool HasLeadingZeros(string address) =>
        address.Contains('.') && address[(address.LastIndexOf(':') + 1)..].Split('.').Any(static part => part is ['0', _, ..]);

    /// <summary>The address of a CIDR as it is written, and the length of its prefix.</summary>
    public static (IPAddress Address, int Length)? Split(string cidr)
    {
        var slash = cidr.IndexOf('/');
        return slash >= 0 && Parse(cidr[..slash]) is { } address && Digits(cidr[(slash + 1)..]) is { } length
            && length <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) ? (address, length) : null;
    }

    private static IPAddress? ParseDotted(string text)
    {
        var numbers = text.Split('.').Select(Digits).ToList();
        return numbers.Count == 4 && numbers.All(static number => number is <= 255) ? new IPAddress([.. numbers.Select(static number => (byte)number!)]) : null;
    }

    private static int? Digits(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++) { bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8)); }
        return new(bytes);
    }
}
