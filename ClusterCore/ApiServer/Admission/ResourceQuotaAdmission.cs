using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>
/// Counts a new object against its namespace's quotas before it is made. What is used goes up here at once; the quota
/// controller counts anew and corrects what writes that failed later left behind.
/// </summary>
internal sealed class ResourceQuotaAdmission(WatchFeed feed, ObjectStore objects) : IAdmissionPlugin
{
    private static readonly GroupResource quotas = new("", "resourcequotas");
    private static readonly HashSet<string> mustBeSaid = new(StringComparer.Ordinal)
    {
        "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
    };

    public async ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request.Namespace.Length == 0 || !Counts(request)) { return; }
        var entries = feed.Of(quotas).List(request.Namespace).Entries;
        if (entries.Length == 0) { return; }
        var usage = QuotaUsage.Of(request.Scope.Resource, request.Object!);
        if (request.Old is { } old) { usage = QuotaUsage.Growth(QuotaUsage.Of(request.Scope.Resource, old), usage); }
        foreach (var entry in entries) { await ChargeAsync(request, entry.Name, usage); }
    }

    /// <summary>All that is made, and what can take more later: a service of another type, a larger claim, a resized pod.</summary>
    private static bool Counts(AdmissionRequest request) => request.Operation switch
    {
        Operation.Create => request.Subresource.Length == 0,
        Operation.Update => request.Is("", "Service") || request.Is("", "PersistentVolumeClaim") || request.Is("", "Pod", "resize"),
        _ => false,
    };

    private async ValueTask ChargeAsync(AdmissionRequest request, string name, Dictionary<string, Quantity> usage)
    {
        var key = new StoreKey(quotas, request.Namespace, name);
        while (await objects.GetAsync(key, request.Scope.Aborted) is { } stored)
        {
            var quota = stored.Parse();
            if (!QuotaScopes.Match(quota, request.Scope.Resource, request.Object!) || !Charge(request, quota, usage)) { return; }
            if (request.Scope.Request.IsDryRun || await objects.ReplaceAsync(key, quota, stored.Revision, 0, request.Scope.Aborted) is not null) { return; }
        }
    }

    /// <summary>False when the quota does not limit what the object takes.</summary>
    private static bool Charge(AdmissionRequest request, JsonObject quota, Dictionary<string, Quantity> usage)
    {
        var hard = PodUsage.Read(quota["status"]?["hard"] ?? quota["spec"]?["hard"]).ToDictionary(StringComparer.Ordinal);
        var used = PodUsage.Read(quota["status"]?["used"]).ToDictionary(StringComparer.Ordinal);
        RequireSaid(request, quota, hard, usage);
        var limited = usage.Where(pair => hard.ContainsKey(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToArray();
        if (limited.Length == 0) { return false; }
        var over = limited.Where(pair => Used(used, pair.Key) + pair.Value > hard[pair.Key]).ToArray();
        if (over.Length > 0)
        {
            throw Refuse(request, $"exceeded quota: {ObjectMeta.Name(quota)}, requested: {List(over, pair => pair.Value)}, used: {List(over, pair => Used(used, pair.Key))}, limited: {List(over, pair => hard[pair.Key])}");
        }

        if (quota["status"] is not JsonObject status) { quota["status"] = status = []; }
        if (status["used"] is not JsonObject shown) { status["used"] = shown = []; }
        foreach (var (name, amount) in limited) { shown[name] = (Used(used, name) + amount).ToString(); }
        return true;
    }

    private static void RequireSaid(AdmissionRequest request, JsonObject quota, Dictionary<string, Quantity> hard, Dictionary<string, Quantity> usage)
    {
        if (request.Operation != Operation.Create || !request.Is("", "Pod")) { return; }
        var missing = hard.Keys.Where(name => mustBeSaid.Contains(name) && !usage.ContainsKey(name)).Order(StringComparer.Ordinal).ToArray();
        if (missing.Length == 0) { return; }
        var containers = string.Join(',', PodUsage.Containers(request.Object!, "containers").Select(PodUsage.Name));
        throw Refuse(request, $"failed quota: {ObjectMeta.Name(quota)}: must specify {string.Join("; ", missing.Select(name => $"{name} for: {containers}"))}");
    }

    private static Quantity Used(Dictionary<string, Quantity> used, string name) => used.GetValueOrDefault(name, Quantity.Zero);

    private static string List(KeyValuePair<string, Quantity>[] pairs, Func<KeyValuePair<string, Quantity>, Quantity> amount) =>
        string.Join(',', pairs.Select(pair => $"{pair.Key}={amount(pair)}"));

    private static StatusException Refuse(AdmissionRequest request, string message) =>
        Refusal.Forbidden(request.Scope.GroupResource, ObjectMeta.Name(request.Object!), message);
}
