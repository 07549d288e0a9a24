using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>
/// The formats that the schema of a definition may ask of texts and numbers. Others are kept and mean nothing. Dashes in names
/// mean nothing either: date-time is datetime.
/// </summary>
internal static class StringFormats
{
    /// <summary>One label, with a dash behind its first character at most; or several, the last of letters alone.</summary>
    private const string Hostname =
        @"^(?:[a-zA-Z0-9\p{S}\p{L}](?:-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?|(?:[a-zA-Z0-9\p{S}\p{L}](?:[-a-zA-Z0-9\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})$";

    private const string ColorPart = "(?:0|[1-9][0-9]?|1[0-9]{1,2}|2[0-4][0-9]|25[0-5])";

    private static readonly Dictionary<string, Func<string, bool>> known = new(StringComparer.Ordinal)
    {
        ["bsonobjectid"] = static text => text.Length == 24 && text.All(char.IsAsciiHexDigit),
        ["byte"] = Like("^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$"),
        ["cidr"] = IsCidr,
        ["creditcard"] = IsCreditCard,
        ["date"] = IsDate,
        ["datetime"] = IsDateTime,
        ["duration"] = static text => GoDuration.TryParse(text, out _) || IsScalaDuration(text),
        ["email"] = static text => MailAddress.TryCreate(text, out _),
        ["hexcolor"] = Like("^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"),
        ["hostname"] = static text => text.Length <= 255 && GoPattern.Matches(Hostname, text) && text.Split('.').All(static label => label.Length <= 63),
        ["ipv4"] = static text => text.Contains('.') && IsAddress(text),
        ["ipv6"] = static text => text.Contains(':') && IsAddress(text),
        ["isbn"] = static text => IsIsbn10(text) || IsIsbn13(text),
        ["isbn10"] = IsIsbn10,
        ["isbn13"] = IsIsbn13,
        ["k8slongname"] = static text => ObjectNames.Dns1123Subdomain(text).Count == 0,
        ["k8sshortname"] = static text => ObjectNames.Dns1123Label(text).Count == 0,
        ["mac"] = IsMac,
        ["password"] = static _ => true,
        ["rgbcolor"] = Like($@"^rgb\(\s*{ColorPart}\s*(?:,\s*{ColorPart}\s*){{2}}\)$"),
        ["ssn"] = static text => text.Length == 11 && GoPattern.Matches("^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$", text),
        ["uri"] = IsRequestUri,
        ["uuid"] = Like("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$"),
        ["uuid3"] = Like("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$"),
        ["uuid4"] = Like("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$"),
        ["uuid5"] = Like("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$"),
    };

    /// <summary>The units of durations as Scala writes them: exact short forms, and what the long ones begin with.</summary>
    private static readonly (string[] Exact, string Start)[] units =
    [
        (["ns"], "nano"), (["us", "µs"], "micro"), (["ms"], "milli"), (["s"], "sec"), (["m"], "min"), (["h", "hr"], "hour"), (["d"], "day"), (["w", "wk"], "week"),
    ];

    /// <summary>Whether the format means something for values of the type.</summary>
    public static bool IsKnown(string type, string format) => type switch
    {
        "" or "string" => known.ContainsKey(Normal(format)),
        "integer" => format is "int32" or "int64",
        "number" => format is "float" or "double",
        _ => false,
    };

    public static bool Matches(string format, string text) => !known.TryGetValue(Normal(format), out var rule) || rule(text);

    private static string Normal(string format) => format.Replace("-", "", StringComparison.Ordinal);

    private static bool IsDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsDateTime(string text)
    {
        var lower = text.ToLowerInvariant();
        var split = lower.IndexOf('t');
        return split > 0 && IsDate(lower[..split]) && GoPattern.Matches("^[0-9]{2}:[0-9]{2}:[0-9]{2}(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})$", lower[(split + 1)..])
            && string.CompareOrdinal(lower, split + 1, "23", 0, 2) <= 0 && string.CompareOrdinal(lower, split + 4, "59", 0, 2) <= 0 && string.CompareOrdinal(lower, split + 7, "59", 0, 2) <= 0;
    }

    /// <summary>A number and a unit somewhere: <c>22 ns</c>.</summary>
    private static bool IsScalaDuration(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var rest = text.AsSpan(i);
            var number = Run(rest, char.IsAsciiDigit);
            if (number == 0) { continue; }
            var spaces = Run(rest[number..], static c => c is ' ' or '\t' or '\n' or '\f' or '\r');
            var unit = rest.Slice(number + spaces, Run(rest[(number + spaces)..], static c => char.IsAsciiLetter(c) || c == 'µ')).ToString();
            if (unit.Length > 0 && !long.TryParse(rest[..number], out _)) { return false; }
            if (units.Any(one => one.Exact.Contains(unit, StringComparer.OrdinalIgnoreCase) || unit.StartsWith(one.Start, StringComparison.OrdinalIgnoreCase))) { return true; }
            i += number - 1;
        }

        return false;
    }

    private static int Run(ReadOnlySpan<char> text, Func<char, bool> belongs)
    {
        var length = 0;
        while (length < text.Length && belongs(text[length])) { length++; }
        return length;
    }

    /// <summary>6, 8 or 20 bytes: in pairs with colons or dashes, in fours with dots.</summary>
    private static bool IsMac(string text)
    {
        var (separator, size) = text.Contains('.') ? ('.', 2) : text.Contains(':') ? (':', 1) : ('-', 1);
        var parts = text.Split(separator);
        return parts.Length * size is 6 or 8 or 20 && parts.All(part => part.Length == size * 2 && part.All(char.IsAsciiHexDigit));
    }

    /// <summary>Four decimal numbers, leading zeros or not; or version 6, without a zone.</summary>
    private static bool IsAddress(string text) => text.Contains(':')
        ? text.IndexOfAny(['[', ']', '%', '/']) < 0 && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
        : text.Split('.') is { Length: 4 } parts && parts.All(static part => part.Length > 0 && part.All(char.IsAsciiDigit) && int.TryParse(part, out var number) && number <= 255);

    private static bool IsCidr(string text)
    {
        var slash = text.IndexOf('/');
        return slash > 0 && IsAddress(text[..slash]) && text[(slash + 1)..] is { Length: > 0 } length && length.All(char.IsAsciiDigit)
            && int.TryParse(length, out var bits) && bits <= (text.Contains(':') ? 128 : 32);
    }

    /// <summary>What Go's ParseRequestURI takes: something with a scheme, or an absolute path.</summary>
    private static bool IsRequestUri(string text)
    {
        const string authority = @"^(?:[^@/ ]*@)?(?:\[[0-9a-fA-F:.%a-z]+\]|(?:[^\s:<>""\[\]^`{}|\\%/@]|%[0-9a-fA-F]{2})*)(?::[0-9]*)?$";
        if (text.Length == 0 || text.Any(static c => c is < ' ' or '\x7f')) { return false; }
        if (text == "*") { return true; }
        var colon = text.IndexOf(':');
        var hasScheme = colon > 0 && GoPattern.Matches("^[a-zA-Z][a-zA-Z0-9+.-]*$", text[..colon]);
        var rest = hasScheme ? text[(colon + 1)..] : text;
        // What does not begin with a slash is opaque, behind a scheme, and not looked into.
        if (!rest.StartsWith('/')) { return hasScheme; }
        var path = rest.Split('?', 2)[0];
        if (path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("///", StringComparison.Ordinal))
        {
            var end = path.IndexOf('/', 2);
            if (!GoPattern.Matches(authority, end < 0 ? path[2..] : path[2..end])) { return false; }
            path = end < 0 ? "" : path[end..];
        }

        return !path.Split('%').Skip(1).Any(static escape => escape.Length < 2 || !char.IsAsciiHexDigit(escape[0]) || !char.IsAsciiHexDigit(escape[1]));
    }

    private static bool IsCreditCard(string text)
    {
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        if (!GoPattern.Matches("^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9]{2})[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11})$", digits)) { return false; }
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : digit * 2 > 9 ? (digit * 2) - 9 : digit * 2;
        }

        return sum % 10 == 0;
    }

    private static bool IsIsbn10(string text)
    {
        var digits = Bare(text);
        return GoPattern.Matches("^[0-9]{9}[0-9X]$", digits) && digits.Index().Sum(static one => (one.Index + 1) * (one.Item == 'X' ? 10 : one.Item - '0')) % 11 == 0;
    }

    private static bool IsIsbn13(string text)
    {
        var digits = Bare(text);
        return digits.Length == 13 && digits.All(char.IsAsciiDigit) && digits.Index().Sum(static one => (one.Index % 2 == 0 ? 1 : 3) * (one.Item - '0')) % 10 == 0;
    }

    private static string Bare(string text) => string.Concat(text.Where(static c => c != '-' && !char.IsWhiteSpace(c)));

    private static Func<string, bool> Like(string pattern) => text => GoPattern.Matches(pattern, text);
}
