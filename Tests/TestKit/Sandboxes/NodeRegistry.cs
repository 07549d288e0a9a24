using System.Diagnostics;

namespace Flotilla.TestKit.Sandboxes;

/// <summary>
/// Debian's docker-registry inside the network namespace of a sandboxed node, where containerd takes it for one of its own machine and
/// asks for no TLS. Holds <see cref="Image"/>, the busybox of the sandboxes.
/// </summary>
public sealed class NodeRegistry : IAsyncDisposable
{
    public const string Image = "127.0.0.1:5000/busybox:1";

    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("flotilla-registry-");
    private readonly string inNode;
    private readonly Process registry;

    private NodeRegistry(SandboxedCluster cluster, int node)
    {
        inNode = $"--net={cluster.NetworkNamespaceOf(node)}";
        var configuration = Path.Combine(home.FullName, "config.yml");
        File.WriteAllText(configuration, $"""
            version: 0.1
            log: {"{ level: error }"}
            storage:
              filesystem: {"{"} rootdirectory: {home.FullName}/images {"}"}
            http: {"{ addr: \"127.0.0.1:5000\" }"}

            """);
        registry = Process.Start(new ProcessStartInfo("nsenter", [inNode, "docker-registry", "serve", configuration])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        registry.OutputDataReceived += (_, _) => { };
        registry.ErrorDataReceived += (_, _) => { };
        registry.BeginOutputReadLine();
        registry.BeginErrorReadLine();
    }

    public static async Task<NodeRegistry> StartAsync(SandboxedCluster cluster, int node = 0)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var started = new NodeRegistry(cluster, node);
        string[] ctr = ["ctr", "--address", cluster.ContainerdSocketOf(node), "--namespace", "k8s.io", "images"];
        await started.RunAsync([.. ctr, "tag", SandboxedCluster.Image, Image]);
        await Eventually.TrueAsync(
            async () => await started.TryRunAsync([.. ctr, "push", "--plain-http", Image]) == 0, "the image is in the node's registry", TimeSpan.FromSeconds(30));
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        registry.Kill();
        await registry.WaitForExitAsync();
        registry.Dispose();
        home.Delete(recursive: true);
    }

    private async Task RunAsync(string[] command)
    {
        if (await TryRunAsync(command) is not 0 and var code) { throw new InvalidOperationException($"{string.Join(' ', command)} ended with {code}"); }
    }

    private async Task<int> TryRunAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo("nsenter", [inNode, .. command]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await error;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
