using System.Diagnostics;

namespace Flotilla.TestKit;

/// <summary>
/// Debian's docker-registry on a node's own loopback, where its containerd asks for no TLS; ends with the process that started it.
/// A private one gives its images only to who knows the password.
/// </summary>
public sealed class ImageRegistry : IAsyncDisposable
{
    public const string Address = "127.0.0.1:5000";
    public const string User = "captain";
    public const string Password = "ahoy";

    // Of the password above, as `htpasswd -nB` writes it.
    private const string PasswordHash = "$2b$04$ceZ8CZ9Qu541BfbxwWXxrOqG1W6BUhEpwZ2H4egk2XjmO.bJEhlO2";

    private readonly string directory = Directory.CreateTempSubdirectory("flotilla-registry-").FullName;
    private readonly string networkNamespace;
    private readonly string containerd;
    private Process? process;

    private ImageRegistry(string networkNamespace, string containerd) => (this.networkNamespace, this.containerd) = (networkNamespace, containerd);

    /// <param name="networkNamespace">Its file, such as <c>/run/netns/NAME</c>.</param>
    /// <param name="containerd">The socket of the node's containerd.</param>
    public static async Task<ImageRegistry> StartAsync(string networkNamespace, string containerd, bool isPrivate = false)
    {
        var registry = new ImageRegistry(networkNamespace, containerd);
        await File.WriteAllTextAsync(registry.In("htpasswd"), $"{User}:{PasswordHash}\n");
        await File.WriteAllTextAsync(registry.In("config.yml"), $$"""
            version: 0.1
            log: {level: error, accesslog: {disabled: true} }
            storage: {filesystem: {rootdirectory: {{registry.In("data")}} } }
            http: {addr: "{{Address}}"}
            {{(isPrivate ? $"auth: {{htpasswd: {{realm: tests, path: {registry.In("htpasswd")} }} }}" : "")}}

            """);
        registry.process = registry.Start("sh", "-c", $"docker-registry serve {registry.In("config.yml")} >{registry.In("log")} 2>&1 & cat >/dev/null; kill $!");
        await Eventually.TrueAsync(async () => await registry.RunAsync("bash", "-c", $"echo 2>/dev/null >/dev/tcp/{Address.Replace(':', '/')}") == 0, "the registry answers");
        return registry;
    }

    /// <summary>Puts an image of the node's containerd there.</summary>
    /// <returns>Its name there, which the node does not know yet.</returns>
    public async Task<string> PushAsync(string image, string repositoryAndTag)
    {
        var name = $"{Address}/{repositoryAndTag}";
        string[] ctr = ["ctr", "-a", containerd, "-n", "k8s.io", "images"];
        await MustRunAsync([.. ctr, "tag", "--force", image, name]);
        await MustRunAsync([.. ctr, "push", "--plain-http", "--user", $"{User}:{Password}", name]);
        await MustRunAsync([.. ctr, "rm", name]);
        return name;
    }

    public async ValueTask DisposeAsync()
    {
        process!.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private string In(string file) => Path.Combine(directory, file);

    private async Task MustRunAsync(string[] words)
    {
        if (await RunAsync(words) is not 0 and var code) { throw new InvalidOperationException($"{string.Join(' ', words)} ended with {code}"); }
    }

    private async Task<int> RunAsync(params string[] words)
    {
        using var running = Start(words);
        running.StandardInput.Close();
        await running.WaitForExitAsync();
        return running.ExitCode;
    }

    private Process Start(params string[] words) =>
        Process.Start(new ProcessStartInfo("nsenter", [$"--net={networkNamespace}", .. words]) { RedirectStandardInput = true, UseShellExecute = false })!;
}
