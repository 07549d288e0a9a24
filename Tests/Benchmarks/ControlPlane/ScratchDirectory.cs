namespace Flotilla.Benchmarks.ControlPlane;

internal sealed class ScratchDirectory : IAsyncDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("flotilla-bench-").FullName;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Path, recursive: true);
        return ValueTask.CompletedTask;
    }
}
