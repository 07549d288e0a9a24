using System.Diagnostics;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>Debian's docker-registry on a node's loopback, for who knows the password; ends with the process that started it.</summary>
internal sealed class PrivateRegistry : IAsyncDisposable
{
    public const string Address = "127.0.0.1:5000";
    public const string User = "captain";
    public const string Password = "ahoy";

    // Of the password above, as `htpasswd -nB` writes it.
    private const string PasswordHash = "$2b$04$ceZ8CZ9Qu541BfbxwWXxrOqG1W6BUhEpwZ2H4egk2XjmO.bJEhlO2";

    private readonly string directory = Directory.CreateTempSubdirectory("flotilla-registry-").FullName;
    private readonly ContainerdServer node;
    private Process? process;

    private PrivateRegistry(ContainerdServer node) => this.node = node;

    public static async Task<PrivateRegistry> StartAsync(ContainerdServer node)
    {
        var registry = new PrivateRegistry(node);
        await File.WriteAllTextAsync(registry.In("htpasswd"), $"{User}:{PasswordHash}\n");
        await File.WriteAllTextAsync(registry.In("config.yml"), $$"""
            version: 0.1
            log: {level: error, accesslog: {disabled: true} }
            storage: {filesystem: {rootdirectory: {{registry.In("data")}} } }
            http: {addr: "{{Address}}"}
            auth: {htpasswd: {realm: tests, path: {{registry.In("htpasswd")}} } }

            """);
        registry.process = registry.Start("sh", "-c", $"docker-registry serve {registry.In("config.yml")} >{registry.In("log")} 2>&1 & cat >/dev/null; kill $!");
        await Eventually.TrueAsync(async () => await registry.RunAsync("bash", "-c", $"echo 2>/dev/null >/dev/tcp/{Address.Replace(':', '/')}") == 0, "the registry answers");
        return registry;
    }

    /// <summary>Puts an image of the node's containerd there under another name.</summary>
    public async Task PushAsync(string image, string name)
    {
        string[] ctr = ["ctr", "-a", node.Socket, "-n", "k8s.io", "images"];
        Assert.Equal(0, await RunAsync([.. ctr, "tag", image, name]));
        Assert.Equal(0, await RunAsync([.. ctr, "push", "--plain-http", "--user", $"{User}:{Password}", name]));
        Assert.Equal(0, await RunAsync([.. ctr, "rm", name]));
    }

    public async ValueTask DisposeAsync()
    {
        process!.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private string In(string file) => Path.Combine(directory, file);

    private async Task<int> RunAsync(params string[] words)
    {
        using var running = Start(words);
        running.StandardInput.Close();
        await running.WaitForExitAsync();
        return running.ExitCode;
    }

    private Process Start(params string[] words) =>
        Process.Start(new ProcessStartInfo("nsenter", [$"--net=/run/netns/{node.NetworkNamespace}", .. words]) { RedirectStandardInput = true, UseShellExecute = false })!;
}
