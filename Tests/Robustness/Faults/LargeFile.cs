using System.Security.Cryptography;

namespace Flotilla.Robustness.Faults;

/// <summary>A file of text that does not compress, to make large objects from.</summary>
internal sealed class LargeFile : IDisposable
{
    private LargeFile(string path) => Path = path;

    public string Path { get; }

    public static async Task<LargeFile> MakeAsync(int length)
    {
        var path = System.IO.Path.GetTempFileName();
        await File.WriteAllTextAsync(path, RandomNumberGenerator.GetString("0123456789abcdef", length), TestContext.Current.CancellationToken);
        return new(path);
    }

    public void Dispose() => File.Delete(Path);
}
