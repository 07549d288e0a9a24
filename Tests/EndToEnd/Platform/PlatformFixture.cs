using System.Text.RegularExpressions;
using Flotilla.TestKit;

namespace Flotilla.EndToEnd.Platform;

/// <summary>One platform for all end-to-end tests, set up and torn down by the same commands a user has.</summary>
public sealed partial class PlatformFixture : IAsyncLifetime
{
    private readonly int port = LoopbackPort.Free(), gatewayPort = LoopbackPort.Free();

    public string Home { get; } = Directory.CreateTempSubdirectory("flotilla-e2e-").FullName;

    public string Url => $"http://127.0.0.1:{port}";

    /// <summary>The one-time link of the first <c>deploy/up</c>.</summary>
    public string AdminLink { get; private set; } = "";

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["FLOTILLA_HOME"] = Home,
        ["HOME"] = Home,
        ["FLOTILLA_DATABASE"] = $"Host={Home}/postgres/run;Username=flotilla;Database=flotilla",
    };

    public async ValueTask InitializeAsync()
    {
        AdminLink = SetupLink().Match(await UpAsync()).Value;
        _ = (await RunAsync("deploy/images/build web docker.io/library/nginx:1.14.2")).Text;
    }

    /// <summary>Everything of the platform must be gone; what is left would be the next user's trouble.</summary>
    public async ValueTask DisposeAsync() => _ = (await RunAsync("deploy/down --purge", timeoutSeconds: 180)).Text;

    public async Task<string> UpAsync() =>
        (await RunAsync($"deploy/up --port {port} --gateway-port {gatewayPort}", timeoutSeconds: 600)).Text;

    public Task<ShellResult> RunAsync(string command, string? input = null, int timeoutSeconds = 120) =>
        Shell.RunAsync(command, Environment, input, timeoutSeconds);

    public string TokenOfAdmin() => File.ReadAllText(Path.Combine(Home, "admin-token")).Trim();

    [GeneratedRegex(@"http://\S+/setup/\S+", RegexOptions.NonBacktracking)]
    private static partial Regex SetupLink();
}

[CollectionDefinition(Name)]
public sealed class PlatformCollection : ICollectionFixture<PlatformFixture>
{
    public const string Name = "platform";
}
