using System.Buffers;
using System.Text;

namespace Flotilla.ClusterCore.Resources;

/// <summary>Upstream's rules for names and their messages. Each answers all that is wrong with the value.</summary>
public static class ObjectNames
{
    private const string Label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string Qualified = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string ConfigKeyRule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";

    private static readonly string QualifiedRule = Rule(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", Qualified, "MyName", "my.name", "123-abc");

    private static readonly SearchValues<char> LowerAlphanumeric = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> QualifiedCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>Of a text that stands for a share and is none.</summary>
    public static string PercentMessage { get; } =
        Rule("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%");

    public static IReadOnlyList<string> Dns1123Label(string value) => All(
        TooLong(value, 63),
        IsLabel(value) ? null : IsSubdomain(value) ? "must not contain dots" : Rule(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            Label, "my-name", "123-abc"));

    public static IReadOnlyList<string> Dns1123Subdomain(string value) => Subdomain(value, "characters");

    /// <summary>Search domains may have underscores, one at the start of a label and any within.</summary>
    public static IReadOnlyList<string> Dns1123SubdomainWithUnderscore(string value) => All(
        TooLong(value, 253),
        value.Split('.').All(static part => IsLabel(WithoutUnderscores(part))) ? null : Rule(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
            "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*", "example.com"));

    public static IReadOnlyList<string> Dns1035Label(string value) => All(
        TooLong(value, 63),
        IsLabel(value) && char.IsAsciiLetterLower(value[0]) ? null : Rule(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
            "[a-z]([-a-z0-9]*[a-z0-9])?", "my-name", "abc-123"));

    /// <summary>A kind: a label but for its case.</summary>
    public static IReadOnlyList<string> Kind(string value) => Dns1035Label(value.ToLowerInvariant()) is { Count: > 0 } wrong
        ? [$"may have mixed case, but should otherwise match: {string.Join(',', wrong)}"]
        : [];

    /// <summary><c>*.</c> and a subdomain (an Ingress host).</summary>
    public static IReadOnlyList<string> WildcardDns1123Subdomain(string value) => All(
        TooLong(value, 253),
        value.StartsWith("*.", StringComparison.Ordinal) && IsSubdomain(value[2..]) ? null : Rule(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            $"\\*\\.{Label}(\\.{Label})*", "*.example.com"));

    /// <summary>A label's or annotation's key: an optional prefix, a slash, a name.</summary>
    public static IReadOnlyList<string> QualifiedName(string value)
    {
        var slash = value.IndexOf('/');
        if (slash != value.LastIndexOf('/')) { return [$"a valid label key {QualifiedRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]; }
        var name = slash < 0 ? value : value[(slash + 1)..];
        if (slash < 0 && IsQualified(name) && name.Length <= 63) { return []; }
        return
        [
            .. (slash < 0 ? [] : slash == 0 ? ["must be non-empty"] : Subdomain(value[..slash], "bytes")).Select(static wrong => $"prefix part {wrong}"),
            .. All(name.Length == 0 ? "must be non-empty" : TooLong(name, 63, "bytes"), IsQualified(name) ? null : QualifiedRule).Select(static wrong => $"name part {wrong}"),
        ];
    }

    public static IReadOnlyList<string> LabelValue(string value) => All(
        TooLong(value, 63, "bytes"),
        value.Length == 0 || IsQualified(value) ? null : Rule(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
            $"({Qualified})?", "MyValue", "my_value", "12345"));

    /// <summary>A name that is one segment of a URL path, for kinds with no rule of their own (RBAC).</summary>
    public static IReadOnlyList<string> PathSegment(string value) =>
        value is "." or ".." ? [$"may not be '{value}'"] : All(value.Contains('/') ? "may not contain '/'" : null, value.Contains('%') ? "may not contain '%'" : null);

    /// <summary>The name of a port: IANA's service name syntax.</summary>
    public static IReadOnlyList<string> PortName(string value) => All(
        TooLong(value, 15),
        value.Length == 0 || value.AsSpan().ContainsAnyExcept(LabelCharacters) ? "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)" : null,
        value.Any(char.IsAsciiLetterLower) ? null : "must contain at least one letter (a-z)",
        value.Contains("--", StringComparison.Ordinal) ? "must not contain consecutive hyphens" : null,
        value.StartsWith('-') || value.EndsWith('-') ? "must not begin or end with a hyphen" : null);

    /// <summary>A key of a ConfigMap or Secret.</summary>
    public static IReadOnlyList<string> ConfigKey(string value) => All(
        TooLong(value, 253),
        value.Length > 0 && !value.AsSpan().ContainsAnyExcept(QualifiedCharacters) ? null : Rule(ConfigKeyRule, "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME", "key-name"),
        value switch
        {
            "." or ".." => $"must not be '{value}'",
            ['.', '.', ..] => "must not start with '..'",
            _ => null,
        });

    /// <summary>The name of an environment variable: printable ASCII without '='.</summary>
    public static IReadOnlyList<string> EnvironmentName(string value) =>
        value.Length == 0 ? ["environment variable name must be non-empty"]
        : value.Any(static c => c is < ' ' or > '~' or '=') ? ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
        : [];

    public static IReadOnlyList<string> HttpHeaderName(string value) =>
        value.Length == 0 || value.Any(static c => !char.IsAsciiLetterOrDigit(c) && c != '-')
            ? [Rule("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name")]
            : [];

    internal static string Rule(string message, string pattern, params string[] examples)
    {
        var shown = examples.Length == 0 ? "" : $"e.g. {string.Join(" or ", examples.Select(static example => $"'{example}', "))}";
        return $"{message} ({shown}regex used for validation is '{pattern}')";
    }

    /// <param name="unit">Upstream counts bytes and calls them characters where it is older.</param>
    private static IReadOnlyList<string> Subdomain(string value, string unit) => All(
        TooLong(value, 253, unit),
        IsSubdomain(value) ? null : Rule(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
            $"{Label}(\\.{Label})*", "example.com"));

    private static string? TooLong(string value, int most, string unit = "characters") =>
        value.Length > most || Encoding.UTF8.GetByteCount(value) > most ? $"must be no more than {most} {unit}" : null;

    private static IReadOnlyList<string> All(params ReadOnlySpan<string?> wrongs)
    {
        List<string>? all = null;
        foreach (var wrong in wrongs)
        {
            if (wrong is not null) { (all ??= []).Add(wrong); }
        }

        return all ?? (IReadOnlyList<string>)[];
    }

    private static string WithoutUnderscores(string label)
    {
        var rest = label.StartsWith('_') ? label[1..] : label;
        return rest.Length < 3 ? rest : $"{rest[0]}{rest[1..^1].Replace('_', '-')}{rest[^1]}";
    }

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
