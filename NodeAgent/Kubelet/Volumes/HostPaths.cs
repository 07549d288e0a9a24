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
        switch (source.Type)
        {
            case "DirectoryOrCreate":
                Directory.CreateDirectory(path, ForAllToRead);
                break;
            case "FileOrCreate" when !File.Exists(path):
                File.Create(path).Dispose();
                break;
            case "Directory" when !Directory.Exists(path):
                throw Failed(path, "is not a directory");
            case "File" when !File.Exists(path):
                throw Failed(path, "is not a file");
            case "Socket" or "CharDevice" or "BlockDevice" when !File.Exists(path):
                throw Failed(path, $"is not a {source.Type}");
            default:
                break;
        }

        return path;
    }

    private static ContainerConfigException Failed(string path, string what) => new($"hostPath type check failed: {path} {what}");
}
