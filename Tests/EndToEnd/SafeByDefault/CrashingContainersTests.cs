using System.Globalization;
using System.Text.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.EndToEnd.Platform;
using Flotilla.TestKit;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.EndToEnd.SafeByDefault;

/// <summary>
/// A thousand replicas that exit at once and are pulled each time, on a node with real containers: it fills with them, and neither the
/// node, its daemons, nor the pod that was there before them is worse off.
/// </summary>
public sealed class CrashingContainersTests : IAsyncLifetime
{
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(5);
    private const double AgentBound = 170;
    private const double ContainerdBound = 250;

    private SandboxedCluster cluster = null!;
    private ImageRegistry registry = null!;
    private string image = null!;
    private Kubectl kubectl = null!;
    private (int Containerd, int Agent) daemons;
    private Pod neighbour = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await SandboxedCluster.StartAsync(Path.Combine(Repository.Root, "bin"));
        registry = await ImageRegistry.StartAsync(cluster.NetworkNamespaceOf(0), cluster.ContainerdSocketOf(0));
        image = await registry.PushAsync(SandboxedCluster.Image, "busybox:1");
        kubectl = new(new Dictionary<string, string>(), cluster.KubeconfigFile);
        var processes = await cluster.EnsureNodeAsync(0);
        daemons = (processes.Containerd.Pid, processes.Agent.Pid);
        neighbour = await cluster.RunPodAsync("neighbour", "trap 'exit 0' TERM; while :; do echo still here; sleep 1 & wait; done");
    }

    [Fact]
    public async Task A_thousand_replicas_that_exit_at_once_leave_their_node_and_neighbours_well()
    {
        await kubectl.RunAsync("create namespace crash");
        await kubectl.RunAsync("apply -n crash -f -", CarelessManifests.RealDeployment("crash", 1000, image, "exit 1"));
        // Most of the 110 at once: how many more depends on how many of the others a machine starts meanwhile.
        await HarmlessUntilAsync(CountAsync, pods => pods.BackingOff > 60 && pods.Restarts > 200);
        await HarmlessUntilAsync(() => EventsAsync("BackOff"), said => said.Contains("Back-off restarting failed container main in pod", StringComparison.Ordinal));
        await HarmlessUntilAsync(() => EventsAsync("FailedScheduling"), said => said.Contains("Too many pods", StringComparison.Ordinal));

        await kubectl.RunAsync("delete namespace crash --wait=false");
        await HarmlessUntilAsync(() => kubectl.RunAsync("get namespace crash --ignore-not-found"), left => left.Length == 0);
        // The node is as useful as before: its place is free again.
        await cluster.RunPodAsync("afterwards", "trap 'exit 0' TERM; while :; do sleep 1 & wait; done");
    }

    public async ValueTask DisposeAsync()
    {
        await (registry?.DisposeAsync() ?? default);
        await (cluster?.DisposeAsync() ?? default);
    }

    /// <summary>Waits for it, and looks all the while whether node, daemons and neighbour are well: that kubectl is answered is looked at by asking.</summary>
    private async Task HarmlessUntilAsync<T>(Func<Task<T>> read, Func<T, bool> isWanted)
    {
        await Eventually.GetAsync(
            async () =>
            {
                Assert.Contains(" Ready ", await kubectl.RunAsync("get node node-0 --no-headers"), StringComparison.Ordinal);
                Assert.InRange(Memory(daemons.Agent), 0, AgentBound);
                Assert.InRange(Memory(daemons.Containerd), 0, ContainerdBound);
                var now = (await kubectl.GetAsync("pod neighbour")).GetProperty("status").GetProperty("containerStatuses")[0];
                Assert.True(now.GetProperty("ready").GetBoolean());
                Assert.Equal(neighbour.Status.ContainerStatuses![0].ContainerID, now.GetProperty("containerID").GetString());
                return await read();
            },
            isWanted,
            patience);
    }

    private async Task<(int BackingOff, int Restarts)> CountAsync()
    {
        var statuses = (await kubectl.GetAsync("pods -n crash")).GetProperty("items").EnumerateArray()
            .Select(pod => pod.GetProperty("status").TryGetProperty("containerStatuses", out var found) ? found[0] : default)
            .Where(status => status.ValueKind == JsonValueKind.Object).ToArray();
        return (statuses.Count(IsBackingOff), statuses.Sum(status => status.GetProperty("restartCount").GetInt32()));
    }

    private static bool IsBackingOff(JsonElement status) =>
        status.GetProperty("state").TryGetProperty("waiting", out var waiting) && waiting.GetProperty("reason").GetString() == "CrashLoopBackOff";

    private Task<string> EventsAsync(string reason) =>
        kubectl.RunAsync($"get events -n crash --field-selector reason={reason} -o jsonpath='{{range .items[*]}}{{.message}}{{\"\\n\"}}{{end}}'");

    /// <summary>With shared pages divided among those who share them, in MiB.</summary>
    private static double Memory(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return double.Parse(line["Pss:".Length..^"kB".Length], CultureInfo.InvariantCulture) / 1024;
    }
}
