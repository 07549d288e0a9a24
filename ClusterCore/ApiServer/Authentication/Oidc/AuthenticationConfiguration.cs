using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Authentication.Oidc;

/// <summary>The file of <c>--authentication-config</c> (<c>apiserver.config.k8s.io/v1 AuthenticationConfiguration</c>).</summary>
public static class AuthenticationConfiguration
{
    private const string NoCel = "CEL expressions are not supported by this server";

    /// <exception cref="FormatException">Says what is wrong, each fault with its field.</exception>
    public static IReadOnlyList<JwtIssuer> Read(byte[] yaml)
    {
        if (!YamlCodec.TryParse(yaml, out var parsed, out var error) || parsed is not JsonObject configuration)
        {
            throw new FormatException(error ?? "the authentication configuration is no object");
        }

        var faults = new List<FieldError>();
        if (configuration.Text("kind") != "AuthenticationConfiguration" || configuration.Text("apiVersion") is not ("apiserver.config.k8s.io/v1" or "apiserver.config.k8s.io/v1beta1"))
        {
            throw new FormatException($"no kind \"{configuration.Text("kind")}\" is registered for version \"{configuration.Text("apiVersion")}\"");
        }

        Known(configuration, "", faults, "apiVersion", "kind", "jwt");
        var issuers = configuration.Items("jwt").Select((jwt, index) => Issuer(jwt, $"jwt[{index}]", faults)).ToArray();
        foreach (var twice in issuers.OfType<JwtIssuer>().GroupBy(issuer => issuer.Url.OriginalString, StringComparer.Ordinal).Where(group => group.Skip(1).Any()))
        {
            faults.Add(FieldError.Duplicate("jwt.issuer.url", twice.Key));
        }

        return faults.Count == 0 ? [.. issuers.OfType<JwtIssuer>()] : throw new FormatException(string.Join("; ", faults));
    }

    private static JwtIssuer? Issuer(JsonObject jwt, string path, List<FieldError> faults)
    {
        Known(jwt, path, faults, "issuer", "claimValidationRules", "claimMappings", "userValidationRules");
        var (issuer, mappings) = (jwt.Object("issuer") ?? [], jwt.Object("claimMappings") ?? []);
        Known(issuer, $"{path}.issuer", faults, "url", "discoveryURL", "certificateAuthority", "audiences", "audienceMatchPolicy");
        Known(mappings, $"{path}.claimMappings", faults, "username", "groups", "uid", "extra");
        Refuse(jwt, "userValidationRules", path, faults);
        Refuse(mappings, "extra", $"{path}.claimMappings", faults);
        var audiences = issuer.Texts("audiences").ToArray();
        if (audiences.Length == 0) { faults.Add(FieldError.Required($"{path}.issuer.audiences", $"at least one {path}.issuer.audiences is required")); }
        var username = Claim(mappings, "username", path, faults, isRequired: true);
        var groups = Claim(mappings, "groups", path, faults, isRequired: false);
        var uid = mappings.Object("uid");
        Refuse(uid, "expression", $"{path}.claimMappings.uid", faults);
        return Https(issuer, "url", $"{path}.issuer.url", faults, isRequired: true) is not { } url ? null : new(url, audiences)
        {
            DiscoveryUrl = Https(issuer, "discoveryURL", $"{path}.issuer.discoveryURL", faults, isRequired: false),
            Authorities = issuer.Text("certificateAuthority") is { Length: > 0 } pem ? pem : null,
            UsernameClaim = username.Claim,
            UsernamePrefix = username.Prefix,
            GroupsClaim = groups.Claim.Length > 0 ? groups.Claim : null,
            GroupsPrefix = groups.Prefix,
            UidClaim = uid?.Text("claim"),
            RequiredClaims = Required(jwt, path, faults),
        };
    }

    private static (string Claim, string Prefix) Claim(JsonObject mappings, string name, string path, List<FieldError> faults, bool isRequired)
    {
        var (mapping, at) = (mappings.Object(name) ?? [], $"{path}.claimMappings.{name}");
        Known(mapping, at, faults, "claim", "prefix", "expression");
        Refuse(mapping, "expression", at, faults);
        var claim = mapping.Text("claim") ?? "";
        if (claim.Length == 0 && isRequired && mapping["expression"] is null) { faults.Add(FieldError.Required(at, "claim or expression is required")); }
        if (claim.Length > 0 && mapping["prefix"] is null)
        {
            faults.Add(FieldError.Required($"{at}.prefix", "prefix is required when claim is set. It can be set to an empty string to disable prefixing"));
        }

        return (claim, mapping.Text("prefix") ?? "");
    }

    private static Dictionary<string, string> Required(JsonObject jwt, string path, List<FieldError> faults)
    {
        var required = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (index, rule) in jwt.Items("claimValidationRules").Index())
        {
            var at = $"{path}.claimValidationRules[{index}]";
            Known(rule, at, faults, "claim", "requiredValue", "expression", "message");
            Refuse(rule, "expression", at, faults);
            var claim = rule.Text("claim") ?? "";
            if (claim.Length == 0) { faults.Add(FieldError.Required(at, "claim or expression is required")); }
            else if (!required.TryAdd(claim, rule.Text("requiredValue") ?? "")) { faults.Add(FieldError.Duplicate($"{at}.claim", claim)); }
        }

        return required;
    }

    private static Uri? Https(JsonObject owner, string name, string path, List<FieldError> faults, bool isRequired)
    {
        if (owner.Text(name) is not { Length: > 0 } text)
        {
            if (isRequired) { faults.Add(FieldError.Required(path, "URL is required")); }
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps) { return url; }
        faults.Add(FieldError.Invalid(path, text, "URL scheme must be https"));
        return null;
    }

    private static void Refuse(JsonObject? owner, string name, string path, List<FieldError> faults)
    {
        if (owner?[name] is not (null or JsonArray { Count: 0 })) { faults.Add(FieldError.Forbidden($"{path}.{name}", NoCel)); }
    }

    private static void Known(JsonObject owner, string path, List<FieldError> faults, params string[] names)
    {
        foreach (var (name, _) in owner.Where(member => !names.Contains(member.Key, StringComparer.Ordinal)))
        {
            faults.Add(FieldError.Forbidden(path.Length == 0 ? name : $"{path}.{name}", "unknown field, or one this server does not support"));
        }
    }
}
