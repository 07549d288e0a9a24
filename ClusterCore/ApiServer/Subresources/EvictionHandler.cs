using System.Globalization;
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
    private const string DisruptionTarget = "DisruptionTarget";

    /// <summary>Evictions that a budget's controller has not confirmed yet: more say that nobody does.</summary>
    private const int MostDisruptedPods = 2000;
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
        if (!options.DryRun) { options = await MarkAsync(scope, options); }
        await deleter.DeleteAsync(scope, scope.Key(), options, isAdmitted: true);
        await Answer.StatusAsync(scope.Request.Http, new(200, null, ""), 201);
    }

    private static DeleteOptions OptionsOf(Scope scope, JsonObject eviction)
    {
        var options = eviction["deleteOptions"] is JsonObject given ? DeleteOptions.From(given) : new(null, null, null, null, false);
        return options with { DryRun = options.DryRun || scope.Request.IsDryRun };
    }

    /// <summary>Its owner can tell from this that the pod does not end through a fault of its own.</summary>
    /// <returns>The options for the pod as it is now; one that is not the one that was meant is left to the deletion to refuse.</returns>
    private async ValueTask<DeleteOptions> MarkAsync(Scope scope, DeleteOptions options)
    {
        while (await objects.GetAsync(scope.Key(), scope.Aborted) is { } stored)
        {
            var pod = stored.Parse();
            if ((options.Uid is { } uid && uid != ObjectMeta.Uid(pod)) || (options.ResourceVersion is { } version && version != Text(stored.Revision))) { return options; }
            if (pod["status"] is not JsonObject status) { pod["status"] = status = []; }
            var others = (status["conditions"] as JsonArray ?? []).Where(one => ObjectMeta.Text(one, "type") != DisruptionTarget).Select(one => one?.DeepClone());
            var condition = new JsonObject
            {
                ["type"] = DisruptionTarget,
                ["status"] = "True",
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = ObjectMeta.Timestamp(clock.GetUtcNow()),
                ["reason"] = "EvictionByEvictionAPI",
                ["message"] = "Eviction API: evicting",
            };
            status["conditions"] = new JsonArray([.. others, condition]);
            if (await objects.ReplaceAsync(scope.Key(), pod, stored.Revision, 0, scope.Aborted) is { } marked)
            {
                return options.ResourceVersion is null ? options : options with { ResourceVersion = Text(marked.Revision) };
            }
        }

        return options;
    }

    private static string Text(long revision) => revision.ToString(CultureInfo.InvariantCulture);

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
            if (!IsReady(pod) && MayGoUnready(budget)) { return; }
            Spend(budget, pod);
            if (isDry || await objects.ReplaceAsync(key, budget, stored.Revision, 0, scope.Aborted) is not null) { return; }
        }
    }

    private static bool IsReady(JsonObject pod) => (pod["status"]?["conditions"] as JsonArray ?? [])
        .Any(one => ObjectMeta.Text(one, "type") == "Ready" && ObjectMeta.Text(one, "status") == "True");

    /// <summary>A pod that is not ready is in no count: it costs nothing where its budget says so, or where the others are well.</summary>
    private static bool MayGoUnready(JsonObject budget)
    {
        var desired = ObjectMeta.Number(budget["status"], "desiredHealthy") ?? 0;
        return ObjectMeta.Text(budget["spec"], "unhealthyPodEvictionPolicy") == "AlwaysAllow"
            || (desired > 0 && (ObjectMeta.Number(budget["status"], "currentHealthy") ?? 0) >= desired);
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
        if (status["disruptedPods"] is JsonObject { Count: > MostDisruptedPods })
        {
            throw Refusal.Forbidden(budgets, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }

        if (allowed <= 0)
        {
            throw Blocked(name, SyncFailure(status) is { } failure
                ? $"The disruption budget {name} does not allow evicting pods currently because it failed sync: {failure}"
                : $"The disruption budget {name} needs {ObjectMeta.Number(status, "desiredHealthy") ?? 0} healthy pods and has {ObjectMeta.Number(status, "currentHealthy") ?? 0} currently", 0);
        }

        status["disruptionsAllowed"] = allowed - 1;
        if (status["disruptedPods"] is not JsonObject disrupted) { status["disruptedPods"] = disrupted = []; }
        disrupted[ObjectMeta.Name(pod)] = ObjectMeta.Timestamp(clock.GetUtcNow());
    }

    private static string? SyncFailure(JsonObject status) => (status["conditions"] as JsonArray ?? [])
        .Where(one => ObjectMeta.Text(one, "type") == "DisruptionAllowed" && ObjectMeta.Text(one, "reason") == "SyncFailed")
        .Select(one => ObjectMeta.Text(one, "message")).FirstOrDefault();

    private static StatusException Blocked(string name, string cause, int retryAfter) =>
        new(new(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.")
        {
            Causes = [new("DisruptionBudget", cause)],
            RetryAfterSeconds = retryAfter,
        });

    private static bool Covers(JsonObject budget, JsonObject pod) =>
        budget["spec"]?["selector"] is JsonObject selector && LabelSelector.FromObject(selector)?.Matches(pod["metadata"]?["labels"] as JsonObject) == true;
}
