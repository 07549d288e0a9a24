using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Subresources;

/// <summary><c>/eviction</c>: a deletion that asks the pod's disruption budget first.</summary>
internal sealed class EvictionHandler(ObjectStore objects, ObjectDeleter deleter, AdmissionChain admission, WatchFeed feed, TimeProvider clock)
{
    private static readonly TypeSchema schema = ApiCatalog.Default.TypeOf("policy/v1", "Eviction")!;
    private static readonly GroupResource budgets = new("policy", "poddisruptionbudgets");

    public async Task HandleAsync(Scope scope)
    {
        // kubectl before 1.22 drains with v1beta1, which upstream still takes here.
        var eviction = await BodyDecoder.ReadAsync(scope.Request, "policy/v1", "policy/v1beta1", "Eviction", schema);
        eviction["apiVersion"] = "policy/v1";
        await admission.AdmitAsync(new(scope, Operation.Create, eviction, null) { IsDryRun = OptionsOf(scope, eviction).DryRun });
        var options = OptionsOf(scope, eviction);
        var found = await objects.GetAsync(scope.Key(), scope.Aborted) ?? throw scope.NotFound(scope.Request.Info.Name);
        var pod = found.Parse();
        if (!IsFinished(pod)) { await SpendAsync(scope, pod, options.DryRun); }
        await deleter.DeleteAsync(scope, scope.Key(), options, isAdmitted: true);
        await Answer.StatusAsync(scope.Request.Http, new(200, null, ""), 201);
    }

    private static DeleteOptions OptionsOf(Scope scope, JsonObject eviction)
    {
        var options = eviction["deleteOptions"] is JsonObject given ? DeleteOptions.From(given) : new(null, null, null, null, false);
        return options with { DryRun = options.DryRun || scope.Request.IsDryRun };
    }

    private static bool IsFinished(JsonObject pod) =>
        ObjectMeta.IsDeleting(pod) || ObjectMeta.Text(pod["status"], "phase") is "Succeeded" or "Failed" or "Pending";

    /// <summary>Takes one disruption from the budget; 429 when there is none left.</summary>
    private async ValueTask SpendAsync(Scope scope, JsonObject pod, bool isDry)
    {
        var matching = feed.Of(budgets).List(scope.Request.Info.Namespace).Entries.Where(entry => Covers(entry.Parse(), pod)).ToArray();
        if (matching.Length > 1) { throw Refusal.Internal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."); }
        if (matching.Length == 0) { return; }
        var key = new StoreKey(budgets, scope.Request.Info.Namespace, matching[0].Name);
        while (await objects.GetAsync(key, scope.Aborted) is { } stored)
        {
            var budget = stored.Parse();
            Spend(budget, pod);
            if (isDry || await objects.ReplaceAsync(key, budget, stored.Revision, 0, scope.Aborted) is not null) { return; }
        }
    }

    private void Spend(JsonObject budget, JsonObject pod)
    {
        var name = ObjectMeta.Name(budget);
        var status = budget["status"] as JsonObject ?? [];
        if ((ObjectMeta.Number(status, "observedGeneration") ?? 0) < (ObjectMeta.Number(budget["metadata"], "generation") ?? 0))
        {
            throw Blocked(name, $"The disruption budget {name} is still being processed by the server.", 10);
        }

        var allowed = ObjectMeta.Number(status, "disruptionsAllowed") ?? 0;
        if (allowed <= 0)
        {
            throw Blocked(name, $"The disruption budget {name} needs {ObjectMeta.Number(status, "desiredHealthy") ?? 0} healthy pods and has {ObjectMeta.Number(status, "currentHealthy") ?? 0} currently", 0);
        }

        status["disruptionsAllowed"] = allowed - 1;
        if (status["disruptedPods"] is not JsonObject disrupted) { status["disruptedPods"] = disrupted = []; }
        disrupted[ObjectMeta.Name(pod)] = ObjectMeta.Timestamp(clock.GetUtcNow());
    }

    private static StatusException Blocked(string name, string cause, int retryAfter) =>
        new(new(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.")
        {
            Causes = [new("DisruptionBudget", cause)],
            RetryAfterSeconds = retryAfter,
        });

    private static bool Covers(JsonObject budget, JsonObject pod) =>
        budget["spec"]?["selector"] is JsonObject selector && LabelSelector.FromObject(selector)?.Matches(pod["metadata"]?["labels"] as JsonObject) == true;
}
