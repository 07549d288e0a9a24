using System.Text.Json;

namespace Flotilla.EndToEnd.Platform;

/// <summary>The real kubectl with one cluster's kubeconfig.</summary>
/// <param name="program">Another one than that on the path.</param>
public sealed class Kubectl(IReadOnlyDictionary<string, string> environment, string kubeconfigFile, string program = "kubectl")
{
    public string ClusterId { get; init; } = "";

    /// <summary>For a shell that does more than run it: kubectl and which cluster it is for.</summary>
    public string Command { get; } = $"{program} --kubeconfig '{kubeconfigFile}'";

    public IReadOnlyDictionary<string, string> Environment => environment;

    public async Task<string> RunAsync(string arguments, string? input = null, int timeoutSeconds = 120) =>
        (await TryRunAsync(arguments, input, timeoutSeconds)).Text;

    public Task<ShellResult> TryRunAsync(string arguments, string? input = null, int timeoutSeconds = 120) =>
        Shell.RunAsync($"{Command} {arguments}", environment, input, timeoutSeconds);

    /// <summary>Starts a command that goes on until it is disposed, such as <c>get pods -w</c>.</summary>
    public Task<BackgroundCommand> WatchAsync(string arguments) =>
        BackgroundCommand.StartAsync(environment, $"{Command} {arguments}");

    public async Task<JsonElement> GetAsync(string what) =>
        JsonDocument.Parse(await RunAsync($"get {what} -o json")).RootElement.Clone();

    /// <summary>The pods of a label that run and are ready, by name, with their IP and node.</summary>
    public async Task<IReadOnlyList<RunningPod>> ReadyPodsAsync(string label, string @namespace = "default")
    {
        var list = await GetAsync($"pods -n {@namespace} -l {label}");
        return [.. list.GetProperty("items").EnumerateArray().Where(IsReady).Select(RunningPod.From)];
    }

    private static bool IsReady(JsonElement pod) =>
        !pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _)
        && pod.GetProperty("status").TryGetProperty("conditions", out var conditions)
        && conditions.EnumerateArray().Any(condition =>
            condition.GetProperty("type").GetString() == "Ready" && condition.GetProperty("status").GetString() == "True");
}

public sealed record RunningPod(string Name, string Uid, string Ip, string Node, int Restarts)
{
    public static RunningPod From(JsonElement pod) => new(
        pod.GetProperty("metadata").GetProperty("name").GetString()!,
        pod.GetProperty("metadata").GetProperty("uid").GetString()!,
        pod.GetProperty("status").GetProperty("podIP").GetString()!,
        pod.GetProperty("spec").GetProperty("nodeName").GetString()!,
        pod.GetProperty("status").GetProperty("containerStatuses")[0].GetProperty("restartCount").GetInt32());
}
