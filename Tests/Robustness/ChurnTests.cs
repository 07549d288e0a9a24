using System.Diagnostics;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.Robustness.Faults;

namespace Flotilla.Robustness;

/// <summary>
/// Objects come, change and go as fast as they can, ten minutes in the long form: more changes than an hour of a busy
/// cluster has. What is there at any time is always as much, and so must the control plane's memory be.
/// </summary>
public sealed class ChurnTests
{
    private const int Workers = 4;
    private const long Allowance = 24L * 1024 * 1024;
    private static readonly TimeSpan WarmUp = Stores.IsLongForm ? TimeSpan.FromMinutes(3) : TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Duration = Stores.IsLongForm ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(16);
    private long changes;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Memory_stays_flat_however_much_comes_and_goes()
    {
        var directory = Directory.CreateTempSubdirectory("robustness");
        await using (var cluster = await ControlPlaneProcess.StartAsync(directory.FullName))
        {
            using var client = ApiClient.Create(Kubeconfig.Load(cluster.Kubeconfig));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var clock = Stopwatch.StartNew();
            var workers = Enumerable.Range(0, Workers).Select(worker => ChurnAsync(client, $"churn-{worker}", stop.Token)).ToList();
            var warm = await HighestAsync(cluster, () => clock.Elapsed < WarmUp);
            var later = await HighestAsync(cluster, () => clock.Elapsed < Duration);
            await stop.CancelAsync();
            await Task.WhenAll(workers);
            TestContext.Current.SendDiagnosticMessage($"{changes} changes, {warm >> 20} MiB at most while warming up, {later >> 20} MiB later");
            Assert.True(changes > 100, $"only {changes} changes");
            Assert.InRange(later, 0, (warm * 5 / 4) + Allowance);
        }

        directory.Delete(recursive: true);
    }

    /// <summary>Gated pods, so that nothing but what is asked for happens.</summary>
    private async Task ChurnAsync(ApiClient client, string name, CancellationToken stop)
    {
        var filling = new string('x', 4_000);
        while (!stop.IsCancellationRequested)
        {
            await DoneAsync(client.CreateAsync(
                Kinds.ConfigMaps, new() { Metadata = new() { Name = name, Namespace = "default" }, Data = new Dictionary<string, string> { ["a"] = filling } }, Cancellation));
            await DoneAsync(client.CreateAsync(Kinds.Pods, "default", Pod(name), Cancellation));
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

    private static JsonObject Pod(string name) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["schedulingGates"] = new JsonArray(new JsonObject { ["name"] = "churn" }),
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "none" }),
        },
    };

    private async Task DoneAsync<T>(Task<ApiResult<T>> call) where T : class
    {
        _ = (await call).OrThrow();
        _ = Interlocked.Increment(ref changes);
    }

    private static async Task<long> HighestAsync(ControlPlaneProcess cluster, Func<bool> goesOn)
    {
        var highest = 0L;
        while (goesOn())
        {
            highest = Math.Max(highest, cluster.ProportionalSetSize);
            await Task.Delay(TimeSpan.FromMilliseconds(250), Cancellation);
        }

        return highest;
    }
}
