using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>Which requests a webhook wants to see: <c>CREATE</c> of <c>apps/v1 deployments/scale</c>, and so on; <c>*</c> is any.</summary>
internal sealed record WebhookRule(string[] Operations, string[] Groups, string[] Versions, string[] Resources, string Scope)
{
    private const string Any = "*";

    public static WebhookRule Read(JsonObject rule) => new(
        [.. rule.Texts("operations")], [.. rule.Texts("apiGroups")], [.. rule.Texts("apiVersions")], [.. rule.Texts("resources")],
        rule.Text("scope") ?? Any);

    /// <param name="resource">The request's own resource, or one that shows the same objects.</param>
    public bool Matches(AdmissionRequest request, ResourceInfo resource) =>
        MatchesScope(resource) && Has(Operations, request.Operation.Name()) && Has(Groups, resource.Group) && Has(Versions, resource.Version)
        && Array.Exists(Resources, wanted => MatchesResource(wanted, resource.Plural, request.Subresource));

    private bool MatchesScope(ResourceInfo resource) => Scope switch
    {
        "Namespaced" => resource.Namespaced,
        "Cluster" => !resource.Namespaced,
        _ => true,
    };

    /// <summary><c>pods</c> is not <c>pods/status</c>; <c>pods/*</c> is every subresource and the pods themselves.</summary>
    private static bool MatchesResource(string wanted, string plural, string subresource)
    {
        var (own, ownSub) = wanted.Split('/', 2) is [var left, var right] ? (left, right) : (wanted, "");
        return (own == Any || own == plural) && (ownSub == Any || ownSub == subresource);
    }

    private static bool Has(string[] list, string wanted) => Array.IndexOf(list, wanted) >= 0 || Array.IndexOf(list, Any) >= 0;
}
