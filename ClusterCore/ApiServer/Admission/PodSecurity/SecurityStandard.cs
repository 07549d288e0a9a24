using System.Globalization;
using System.Text.RegularExpressions;

namespace Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

/// <summary>From the least strict.</summary>
internal enum SecurityLevel { Privileged, Baseline, Restricted }

/// <summary>A level as some minor version of Kubernetes defined it.</summary>
/// <param name="Minor"><see cref="Latest"/> for whatever is newest.</param>
internal readonly partial record struct SecurityStandard(SecurityLevel Level, int Minor)
{
    public const int Latest = int.MaxValue;

    public static readonly SecurityStandard Privileged = new(SecurityLevel.Privileged, Latest);

    /// <summary>Null when it is none of the three.</summary>
    public static SecurityLevel? ParseLevel(string text) => text switch
    {
        "privileged" => SecurityLevel.Privileged,
        "baseline" => SecurityLevel.Baseline,
        "restricted" => SecurityLevel.Restricted,
        _ => null,
    };

    /// <summary><c>latest</c> or <c>v1.36</c>; null when it is neither.</summary>
    public static int? ParseMinor(string text)
    {
        if (text == "latest") { return Latest; }
        return MinorVersion().Match(text) is { Success: true } match && int.TryParse(match.Groups["minor"].ValueSpan, CultureInfo.InvariantCulture, out var minor) ? minor : null;
    }

    public override string ToString() => $"{Level.ToString().ToLowerInvariant()}:{(Minor == Latest ? "latest" : $"v1.{Minor}")}";

    [GeneratedRegex("^v1\\.(?<minor>[0-9]|[1-9][0-9]*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MinorVersion();
}
