using System.Runtime.CompilerServices;

namespace Flotilla.ClusterCore.Resources.Tests;

internal static class RepositoryFolder
{
    /// <summary>A path from the root of the repository, found upwards from where the caller was compiled.</summary>
    public static string Path(string relative, [CallerFilePath] string callerFile = "")
    {
        var folder = new DirectoryInfo(System.IO.Path.GetDirectoryName(callerFile)!);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Platform.sln")))
        {
            folder = folder.Parent!;
        }

        return System.IO.Path.Combine(folder.FullName, relative);
    }
}
