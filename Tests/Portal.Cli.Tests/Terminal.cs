using Flotilla.Portal.Cli.Configuration;

namespace Flotilla.Portal.Cli.Tests;

/// <summary>The CLI as a user runs it, with a home of its own.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly string home = Directory.CreateTempSubdirectory("flotilla-cli-").FullName;

    public string ConfigPath => Path.Combine(home, "flotilla", "config.json");

    public string PathOf(string file) => Path.Combine(home, file);

    public async Task<(int Code, string Output, string Error)> RunAsync(string line, string input = "")
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var typed = new StringReader(input);
        var cli = new Cli(output, error, typed, new ConfigFile(ConfigPath), TimeProvider.System);
        var code = await cli.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), CancellationToken.None);
        return (code, output.ToString().Trim(), error.ToString().Trim());
    }

    public async Task SignInAsync(ScriptedPortal portal)
    {
        portal.Answer("GET /api/v1/me", """{"email":"ada@example.com","name":"Ada","admin":false}""");
        var (code, _, error) = await RunAsync($"login --token flt_1 --server {portal.Url}");
        Assert.True(code == 0, error);
    }

    public void Dispose() => Directory.Delete(home, recursive: true);
}
