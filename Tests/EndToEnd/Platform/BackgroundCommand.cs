namespace Flotilla.EndToEnd.Platform;

/// <summary>A command that runs beside the test, its output in a file.</summary>
public sealed class BackgroundCommand : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> environment;
    private readonly string file;
    private readonly string pid;

    private BackgroundCommand(IReadOnlyDictionary<string, string> environment, string file, string pid) =>
        (this.environment, this.file, this.pid) = (environment, file, pid);

    public string Output => File.ReadAllText(file);

    public static async Task<BackgroundCommand> StartAsync(IReadOnlyDictionary<string, string> environment, string command)
    {
        var file = Path.GetTempFileName();
        return new(environment, file, (await Shell.RunAsync($"{command} >{file} 2>&1 & echo $!", environment)).Text);
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync($"kill {pid}", environment);
        File.Delete(file);
    }
}
