using System.CommandLine;
using Flotilla.ClusterCore.ApiServer.Authentication.Oidc;

namespace Flotilla.ClusterCore.Host.Serving;

/// <summary>The flags that say whose OpenID Connect tokens are good: kube-apiserver's, with its defaults.</summary>
internal static class IssuerOptions
{
    private static readonly Option<string?> issuerUrl = new("--oidc-issuer-url") { Description = "The issuer of OpenID Connect tokens: an https URL." };
    private static readonly Option<string?> clientId = new("--oidc-client-id") { Description = "The audience its tokens must be for." };
    private static readonly Option<string> usernameClaim = new("--oidc-username-claim") { Description = "The claim that is the user's name.", DefaultValueFactory = _ => "sub" };
    private static readonly Option<string> usernamePrefix = new("--oidc-username-prefix") { Description = "What is put before it; \"-\" for nothing. Without: the issuer and \"#\", but nothing before an email.", DefaultValueFactory = _ => "" };
    private static readonly Option<string?> groupsClaim = new("--oidc-groups-claim") { Description = "The claim that is the user's group or groups." };
    private static readonly Option<string> groupsPrefix = new("--oidc-groups-prefix") { Description = "What is put before each.", DefaultValueFactory = _ => "" };
    private static readonly Option<string[]> requiredClaims = new("--oidc-required-claim") { Description = "key=value that a token must have; may be repeated.", DefaultValueFactory = _ => [] };
    private static readonly Option<FileInfo?> authorities = new("--oidc-ca-file") { Description = "PEM certificates the issuer's own is signed by; without: those the machine trusts." };
    private static readonly Option<string> algorithms = new("--oidc-signing-algs") { Description = "Algorithms of signatures, comma-separated.", DefaultValueFactory = _ => "RS256" };
    private static readonly Option<FileInfo?> configuration = new("--authentication-config") { Description = "A file with an AuthenticationConfiguration, instead of the flags --oidc-*." };

    public static IEnumerable<Option> All =>
        [issuerUrl, clientId, usernameClaim, usernamePrefix, groupsClaim, groupsPrefix, requiredClaims, authorities, algorithms, configuration];

    /// <summary>Null, with the problem, when they make no sense together.</summary>
    public static IReadOnlyList<JwtIssuer>? Read(ParseResult parsed, out string problem)
    {
        var (url, file) = (parsed.GetValue(issuerUrl) ?? "", parsed.GetValue(configuration));
        problem = "--authentication-config and --oidc-issuer-url cannot be set both";
        if (file is not null && url.Length > 0) { return null; }
        try
        {
            problem = "";
            return file is not null ? AuthenticationConfiguration.Read(File.ReadAllBytes(file.FullName)) : url.Length > 0 ? [Issuer(parsed, url)] : [];
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            problem = file is not null ? $"--authentication-config: {exception.Message}" : exception.Message;
            return null;
        }
    }

    private static JwtIssuer Issuer(ParseResult parsed, string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var issuer) || issuer.Scheme != Uri.UriSchemeHttps) { throw new FormatException($"--oidc-issuer-url: \"{url}\" is no https URL"); }
        if (parsed.GetValue(clientId) is not { Length: > 0 } audience) { throw new FormatException("--oidc-issuer-url and --oidc-client-id must be set together"); }
        var claim = parsed.GetValue(usernameClaim)!;
        return new(issuer, [audience])
        {
            Authorities = parsed.GetValue(authorities) is { } file ? File.ReadAllText(file.FullName) : null,
            UsernameClaim = claim,
            UsernamePrefix = parsed.GetValue(usernamePrefix) switch { "-" => "", "" => claim == "email" ? "" : $"{url}#", var prefix => prefix! },
            GroupsClaim = parsed.GetValue(groupsClaim) is { Length: > 0 } groups ? groups : null,
            GroupsPrefix = parsed.GetValue(groupsPrefix)!,
            RequiredClaims = parsed.GetValue(requiredClaims)!.Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.ElementAtOrDefault(1) ?? "", StringComparer.Ordinal),
            SigningAlgorithms = Algorithms(parsed.GetValue(algorithms)!),
        };
    }

    private static string[] Algorithms(string list)
    {
        var names = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.Find(names, name => !JwtIssuer.SupportedAlgorithms.Contains(name, StringComparer.Ordinal)) is { } unknown
            ? throw new FormatException($"--oidc-signing-algs: \"{unknown}\" is none of {string.Join(", ", JwtIssuer.SupportedAlgorithms)}")
            : names;
    }
}
