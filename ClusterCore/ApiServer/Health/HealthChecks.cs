using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;

namespace Flotilla.ClusterCore.ApiServer.Health;

/// <param name="Problem">Null while all is well; else why not, for the log and for those who ask for this very check.</param>
internal sealed record HealthCheck(string Name, Func<CancellationToken, ValueTask<string?>> Problem)
{
    public HealthCheck(string name, Func<bool> isWell, string problem)
        : this(name, _ => ValueTask.FromResult(isWell() ? null : problem))
    {
    }
}

/// <summary>What each health endpoint looks at, by upstream's names where the thing looked at is the same.</summary>
internal sealed class HealthChecks
{
    private static readonly TimeSpan longestStoreRead = TimeSpan.FromSeconds(2);
    private readonly HealthCheck[] alive;
    private readonly HealthCheck[] ready;

    public HealthChecks(IStore store, WatchFeed feed, Readiness readiness)
    {
        HealthCheck storage(string name) => new(name, token => StoreProblemAsync(store, token));
        HealthCheck bootstrapped(string name) => new($"poststarthook/{name}", () => readiness.IsReady, "not finished");
        alive =
        [
            new("ping", static () => true, ""),
            new("log", static () => true, ""),
            storage("etcd"),
            bootstrapped("start-system-namespaces-controller"),
            bootstrapped("start-service-ip-repair-controllers"),
            bootstrapped("rbac/bootstrap-roles"),
            bootstrapped("scheduling/bootstrap-system-priority-classes"),
            bootstrapped("priority-and-fairness-config-producer"),
            bootstrapped("bootstrap-controller"),
            bootstrapped("start-kubernetes-service-cidr-controller"),
            bootstrapped("kube-apiserver-autoregistration"),
            new("autoregister-completion", () => readiness.IsReady, "not finished"),
            new("poststarthook/crd-informer-synced", () => feed.Revision > 0, "the definitions are not read yet"),
        ];
        ready =
        [
            .. alive,
            storage("etcd-readiness"),
            new("informer-sync", () => feed.IsFollowing, "the watch of the store is broken"),
            new("shutdown", () => !feed.Stopping.IsCancellationRequested, "process is shutting down"),
        ];
    }

    public IReadOnlyList<HealthCheck> Of(string endpoint) => endpoint == "readyz" ? ready : alive;

    private static async ValueTask<string?> StoreProblemAsync(IStore store, CancellationToken cancellationToken)
    {
        if (store is EmbeddedStore { Failure: { } failure }) { return failure.Message; }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(longestStoreRead);
        try
        {
            _ = await store.RangeAsync(new(KeyRange.One("/registry/health"u8.ToArray())), limit.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {longestStoreRead.TotalSeconds} s";
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
    }
}
