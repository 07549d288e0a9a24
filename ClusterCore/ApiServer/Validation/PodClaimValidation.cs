using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Devices a pod claims, and which container gets which.</summary>
internal static class PodClaimValidation
{
    public static void Claims(JsonObject spec, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, claim) in spec.Items("resourceClaims").Index())
        {
            var at = $"{path}.resourceClaims[{index}]";
            var name = claim.Text("name") ?? "";
            if (name.Length == 0) { errors.Required($"{at}.name"); }
            else if (!names.Add(name)) { errors.Duplicate($"{at}.name", name); }
            else { errors.Check($"{at}.name", name, ObjectNames.Dns1123Label(name)); }

            var (own, template) = (claim.Text("resourceClaimName"), claim.Text("resourceClaimTemplateName"));
            if (own is not null && template is not null) { errors.Invalid(at, Shown(claim), "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"); }
            if (own is null && template is null) { errors.Invalid(at, Shown(claim), "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"); }
            if (own is not null) { errors.Check($"{at}.resourceClaimName", own, ObjectNames.Dns1123Subdomain(own)); }
            if (template is not null) { errors.Check($"{at}.resourceClaimTemplateName", template, ObjectNames.Dns1123Subdomain(template)); }
        }
    }

    /// <summary>Of a container: each claim, or request of one, once.</summary>
    public static void Uses(JsonObject? resources, JsonObject spec, string path, FieldErrors errors)
    {
        var claims = spec.Items("resourceClaims").Select(static claim => claim.Text("name")).OfType<string>().Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, use) in (resources?.Items("claims") ?? []).Index())
        {
            var (at, name, request) = ($"{path}.claims[{index}]", use.Text("name") ?? "", use.Text("request") ?? "");
            if (name.Length == 0)
            {
                errors.Required(at);
                continue;
            }

            Once(seen, name, request, at, errors);
            if (!claims.Contains(name, StringComparer.Ordinal))
            {
                errors.Add(new(FieldErrorType.NotFound, at, name, $"must be one of the names in pod.spec.resourceClaims{(claims.Count == 0 ? " which is empty" : $": {string.Join(", ", claims)}")}"));
            }
        }
    }

    private static void Once(HashSet<string> seen, string name, string request, string path, FieldErrors errors)
    {
        if (seen.Contains(name))
        {
            errors.Duplicate(path, name);
            return;
        }

        if (request.Length > 0) { errors.Check($"{path}.request", request, ObjectNames.Dns1123Label(request)); }
        var key = request.Length > 0 ? $"{name}/{request}" : name;
        if (request.Length == 0 && seen.Any(other => other.StartsWith($"{name}/", StringComparison.Ordinal))) { errors.Duplicate(path, name); }
        if (!seen.Add(key)) { errors.Duplicate(path, key); }
    }

    /// <summary>As upstream's types write it.</summary>
    private static JsonObject Shown(JsonObject claim) => new()
    {
        ["Name"] = claim.Text("name") ?? "",
        ["ResourceClaimName"] = claim["resourceClaimName"]?.DeepClone(),
        ["ResourceClaimTemplateName"] = claim["resourceClaimTemplateName"]?.DeepClone(),
    };
}
