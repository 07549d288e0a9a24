using System.Diagnostics;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.Robustness.Faults;

namespace Flotilla.Robustness;

/// <summary>
/// Objects come, change and go, many times more than any window of history holds. What is there afterwards is as much as
/// before, and so must the control plane's memory be once it has given back what a busy time takes.
/// </summary>
public sealed class ChurnTests
{
    private const int Workers = 4;

    /// <summary>Enough to fill every window of history, which are bounded by bytes.</summary>
    private const int WarmUp = 5_000;
    private const long Allowance = 16L * 1024 * 1024;

    /// <summary>A quiet process looks every ten seconds whether there is memory to give back.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);
    private static readonly int Changes = Stores.IsLongForm ? 100_000 : 15_000;
    private readonly string filling = new('x', 4_000);
    private int left;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Memory_stays_flat_however_much_comes_and_goes()
    {
        var directory = Directory.CreateTempSubdirectory("robustness");
        await using (var cluster = await ControlPlaneProcess.StartAsync(directory.FullName))
        {
            using var client = ApiClient.Create(Kubeconfig.Load(cluster.Kubeconfig));
            await ChurnAsync(client, WarmUp);
            var before = await AtRestAsync(cluster);
            await ChurnAsync(client, Changes);
            var after = await AtRestAsync(cluster);
            TestContext.Current.SendDiagnosticMessage($"{before >> 20} MiB after {WarmUp} changes, {after >> 20} MiB after {Changes} more");
            Assert.InRange(after, 0, before + Allowance);
        }

        directory.Delete(recursive: true);
    }

    private async Task ChurnAsync(ApiClient client, int changes)
    {
        left = changes;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => ChurnAsync(client, $"churn-{worker}")));
    }

    /// <summary>Gated pods, so that nothing but what is asked for happens.</summary>
    private async Task ChurnAsync(ApiClient client, string name)
    {
        while (Volatile.Read(ref left) > 0)
        {
            await DoneAsync(client.CreateAsync(
                Kinds.ConfigMaps, new() { Metadata = new() { Name = name, Namespace = "default" }, Data = new Dictionary<string, string> { ["a"] = filling } }, Cancellation));
            await DoneAsync(client.CreateAsync(Kinds.Pods, "default", Pod(name, filling), Cancellation));
            for (var i = 0; i < 3; i++)
            {
                var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["round"] = $"{i}" } } });
                await DoneAsync(client.PatchAsync(Kinds.ConfigMaps, "default", name, patch, Cancellation));
                await DoneAsync(client.PatchAsync(Kinds.Pods, "default", name, patch, Cancellation));
            }

            await DoneAsync(client.DeleteAsync(Kinds.ConfigMaps, "default", name, Cancellation));
            await DoneAsync(client.DeleteAsync(Kinds.Pods, "default", name, Cancellation, new() { GracePeriodSeconds = 0 }));
        }
    }

    private static JsonObject Pod(string name, string filling) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["annotations"] = new JsonObject { ["a"] = filling } },
        ["spec"] = new JsonObject
        {
            ["schedulingGates"] = new JsonArray(new JsonObject { ["name"] = "churn" }),
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "none" }),
        },
    };

    private async Task DoneAsync<T>(Task<ApiResult<T>> call) where T : class
    {
        _ = (await call).OrThrow();
        _ = Interlocked.Decrement(ref left);
    }

    /// <summary>The least it takes while nothing is asked of it.</summary>
    private static async Task<long> AtRestAsync(ControlPlaneProcess cluster)
    {
        var (least, begun) = (long.MaxValue, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(begun) < Rest)
        {
            least = Math.Min(least, cluster.ProportionalSetSize);
            await Task.Delay(TimeSpan.FromMilliseconds(500), Cancellation);
        }

        return least;
    }
}
