using System.Buffers;

namespace Flotilla.ClusterCore.Resources;

/// <summary>Upstream's rules for names and their messages. Each answers null when the value is fine.</summary>
public static class ObjectNames
{
    private const string Label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string Qualified = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string QualifiedMessage =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    /// <summary>Of a text that stands for a share and is none.</summary>
    public static string PercentMessage { get; } =
        Rule("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%");

    private static readonly SearchValues<char> LowerAlphanumeric = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> QualifiedCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    public static string? Dns1123Label(string value) =>
        !IsLabel(value)
            ? Join(TooLong(value, 63), IsSubdomain(value) ? "must not contain dots" : Rule(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                Label, "my-name", "123-abc"))
            : TooLong(value, 63);

    public static string? Dns1123Subdomain(string value) =>
        !IsSubdomain(value)
            ? Join(TooLong(value, 253), Rule(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
                $"{Label}(\\.{Label})*", "example.com"))
            : TooLong(value, 253);

    /// <summary>Search domains may have underscores, one at the start of a label and any within.</summary>
    public static string? Dns1123SubdomainWithUnderscore(string value) =>
        value.Split('.').All(static part => IsLabel(WithoutUnderscores(part)))
            ? TooLong(value, 253)
            : Join(TooLong(value, 253), Rule(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
                "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*", "example.com"));

    private static string WithoutUnderscores(string label)
    {
        var rest = label.StartsWith('_') ? label[1..] : label;
        return rest.Length < 3 ? rest : $"{rest[0]}{rest[1..^1].Replace('_', '-')}{rest[^1]}";
    }

    public static string? Dns1035Label(string value) =>
        !IsLabel(value) || !char.IsAsciiLetterLower(value[0])
            ? Join(TooLong(value, 63), Rule(
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
                "[a-z]([-a-z0-9]*[a-z0-9])?", "my-name", "abc-123"))
            : TooLong(value, 63);

    /// <summary>Subdomain, or <c>*.</c> and a subdomain (an Ingress host).</summary>
    public static string? WildcardDns1123Subdomain(string value) =>
        value.Length > 2 && value.StartsWith("*.", StringComparison.Ordinal) && IsSubdomain(value[2..])
            ? TooLong(value, 253)
            : Rule(
                "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
                $"\\*\\.{Label}(\\.{Label})*", "*.example.com");

    /// <summary>A label's or annotation's key: an optional prefix, a slash, a name.</summary>
    public static string? QualifiedName(string value)
    {
        var slash = value.IndexOf('/');
        if (slash != value.LastIndexOf('/'))
        {
            return $"a qualified name {Rule(QualifiedMessage, Qualified, "MyName", "my.name", "123-abc")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        }

        var (prefix, name) = slash < 0 ? (null, value) : (value[..slash], value[(slash + 1)..]);
        var prefixError = prefix switch
        {
            null => null,
            "" => "prefix part must be non-empty",
            _ when Dns1123Subdomain(prefix) is { } error => $"prefix part {error}",
            _ => null,
        };
        var nameError = name.Length == 0 ? Join("name part must be non-empty", $"name part {Rule(QualifiedMessage, Qualified, "MyName", "my.name", "123-abc")}")
            : Join(
                TooLong(name, 63) is { } tooLong ? $"name part {tooLong}" : null,
                IsQualified(name) ? null : $"name part {Rule(QualifiedMessage, Qualified, "MyName", "my.name", "123-abc")}");
        return Join(prefixError, nameError);
    }

    public static string? LabelValue(string value) => Join(
        TooLong(value, 63),
        value.Length == 0 || IsQualified(value)
            ? null
            : Rule(
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                $"({Qualified})?", "MyValue", "my_value", "12345"));

    /// <summary>A name that is one segment of a URL path, for kinds with no rule of their own (RBAC).</summary>
    public static string? PathSegment(string value) =>
        value is "." or ".." ? $"may not be '{value}'"
        : value.Contains('/') ? "may not contain '/'"
        : value.Contains('%') ? "may not contain '%'"
        : null;

    /// <summary>The name of a port: IANA's service name syntax.</summary>
    public static string? PortName(string value)
    {
        if (value.Length > 15)
        {
            return TooLong(value, 15);
        }

        if (value.AsSpan().ContainsAnyExcept(LabelCharacters))
        {
            return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        }

        return !value.Any(char.IsAsciiLetterLower) ? "must contain at least one letter (a-z)"
            : value.Contains("--", StringComparison.Ordinal) ? "must not contain consecutive hyphens"
            : value[0] == '-' || value[^1] == '-' ? "must not begin or end with a hyphen"
            : null;
    }

    /// <summary>A key of a ConfigMap or Secret.</summary>
    public static string? ConfigKey(string value) => value switch
    {
        { Length: > 253 } => TooLong(value, 253),
        "." => "must not be '.'",
        ".." => "must not be '..'",
        "" => Rule("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME", "key-name"),
        _ when value.AsSpan().ContainsAnyExcept(QualifiedCharacters) =>
            Rule("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME", "key-name"),
        _ when value.StartsWith("..", StringComparison.Ordinal) => "must not start with '..'",
        _ => null,
    };

    /// <summary>The name of an environment variable: printable ASCII without '='.</summary>
    public static string? EnvironmentName(string value) =>
        value.Length == 0 || value.Any(static c => c is < ' ' or > '~' or '=')
            ? Rule(
                "a valid environment variable name must consist only of printable ASCII characters other than '='",
                "^[ -<>-~]+$")
            : null;

    public static string? HttpHeaderName(string value) =>
        value.Length == 0 || value.Any(static c => !char.IsAsciiLetterOrDigit(c) && c != '-')
            ? Rule("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name")
            : null;

    internal static string Rule(string message, string pattern, params string[] examples)
    {
        var shown = examples.Length == 0 ? "" : $"e.g. {string.Join(" or ", examples.Select(static example => $"'{example}', "))}";
        return $"{message} ({shown}regex used for validation is '{pattern}')";
    }

    private static string? TooLong(string value, int maximum) => value.Length > maximum ? $"must be no more than {maximum} bytes" : null;

    private static string? Join(string? first, string? second) =>
        first is null ? second : second is null ? first : $"{first}; {second}";

    private static bool IsLabel(ReadOnlySpan<char> value) =>
        value.Length > 0 && LowerAlphanumeric.Contains(value[0]) && LowerAlphanumeric.Contains(value[^1]) && !value.ContainsAnyExcept(LabelCharacters);

    private static bool IsSubdomain(string value)
    {
        foreach (var part in value.AsSpan().Split('.'))
        {
            if (!IsLabel(value.AsSpan()[part]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsQualified(ReadOnlySpan<char> value) =>
        value.Length > 0 && char.IsAsciiLetterOrDigit(value[0]) && char.IsAsciiLetterOrDigit(value[^1]) && !value.ContainsAnyExcept(QualifiedCharacters);
}
