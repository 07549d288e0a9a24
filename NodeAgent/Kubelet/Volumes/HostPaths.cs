using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>Checks a hostPath volume against its type, and makes what <c>…OrCreate</c> asks for.</summary>
internal static class HostPaths
{
    private const UnixFileMode ForAllToRead = (UnixFileMode)0b111_101_101;

    public static string Prepare(HostPathVolumeSource source)
    {
        var path = source.Path;
        if (source.Type == "DirectoryOrCreate" && FileStatus.Of(path) is null)
        {
            Directory.CreateDirectory(path, ForAllToRead);
        }
        else if (source.Type == "FileOrCreate" && FileStatus.Of(path) is null)
        {
            File.Create(path).Dispose();
        }

        (uint Wanted, string Name) kind = source.Type switch
        {
            "Directory" or "DirectoryOrCreate" => (0b0_100_000_000_000_000, "directory"),
            "File" or "FileOrCreate" => (0b1_000_000_000_000_000, "file"),
            "Socket" => (0b1_100_000_000_000_000, "socket file"),
            "CharDevice" => (0b0_010_000_000_000_000, "character device"),
            "BlockDevice" => (0b0_110_000_000_000_000, "block device"),
            _ => default,
        };
        return kind == default || FileStatus.Of(path)?.Type == kind.Wanted
            ? path
            : throw new ContainerConfigException($"hostPath type check failed: {path} is not a {kind.Name}");
    }
}
