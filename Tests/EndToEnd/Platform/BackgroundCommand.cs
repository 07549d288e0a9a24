namespace Flotilla.EndToEnd.Platform;

/// <summary>A command that runs beside the test, its output in a file.</summary>
public sealed class BackgroundCommand : IAsyncDisposable
{
    private readonly PlatformFixture platform;
    private readonly string file;
    private readonly string pid;

    private BackgroundCommand(PlatformFixture platform, string file, string pid) => (this.platform, this.file, this.pid) = (platform, file, pid);

    public string Output => File.ReadAllText(file);

    public static async Task<BackgroundCommand> StartAsync(PlatformFixture platform, string command)
    {
        var file = Path.Combine(platform.Home, $"{Guid.NewGuid():N}.out");
        return new(platform, file, (await platform.RunAsync($"{command} >{file} 2>&1 & echo $!")).Text);
    }

    public async ValueTask DisposeAsync()
    {
        await platform.RunAsync($"kill {pid}");
        File.Delete(file);
    }
}
