namespace Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

/// <summary>What a check found wrong: a few words, and who is to blame.</summary>
internal sealed record Violation(string Reason, string Detail)
{
    /// <summary><c>host namespaces (hostNetwork=true), privileged (container "a" must not set …)</c></summary>
    public static string Describe(IEnumerable<Violation> violations) => string.Join(", ", violations.Select(one => $"{one.Reason} ({one.Detail})"));

    /// <summary><c>containers "a", "b"</c></summary>
    public static string Named(string noun, IReadOnlyCollection<string> names) => $"{Plural(noun, names.Count)} {Quote(names)}";

    public static string Plural(string noun, int count, string ending = "s") => count == 1 ? noun : noun + ending;

    public static string Quote(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));

    /// <summary>Each once, in order: how values are listed.</summary>
    public static string[] Sorted(IEnumerable<string> values) => [.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
