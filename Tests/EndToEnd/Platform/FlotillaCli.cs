using System.Text.Json;

namespace Flotilla.EndToEnd.Platform;

/// <summary><c>bin/flotilla</c>, signed in with the admin token.</summary>
public sealed class FlotillaCli(PlatformFixture platform)
{
    public static async Task<FlotillaCli> SignInAsync(PlatformFixture platform)
    {
        var cli = new FlotillaCli(platform);
        await cli.RunAsync($"login --server {platform.Url} --token {platform.TokenOfAdmin()}");
        return cli;
    }

    public async Task<string> RunAsync(string arguments, int timeoutSeconds = 180) =>
        (await TryRunAsync(arguments, timeoutSeconds)).Text;

    public Task<ShellResult> TryRunAsync(string arguments, int timeoutSeconds = 180) =>
        platform.RunAsync($"bin/flotilla {arguments}", timeoutSeconds: timeoutSeconds);

    public async Task<JsonElement> JsonAsync(string arguments) =>
        JsonDocument.Parse(await RunAsync($"{arguments} -o json")).RootElement.Clone();

    /// <summary>A Ready cluster and kubectl for it.</summary>
    public async Task<Kubectl> CreateClusterAsync(string name, string project, int workers, string purpose = "personal")
    {
        await RunAsync($"cluster create {name} --project {project} --purpose {purpose} --workers {workers} --wait");
        return await KubectlAsync(name, project);
    }

    public async Task<Kubectl> KubectlAsync(string name, string project)
    {
        var file = Path.Combine(platform.Home, $"{project}-{name}.kubeconfig");
        await RunAsync($"cluster kubeconfig {name} --project {project} --file {file}");
        var id = (await JsonAsync($"cluster get {name} --project {project}")).GetProperty("id").GetString()!;
        return new(platform.Environment, file) { ClusterId = id };
    }
}
