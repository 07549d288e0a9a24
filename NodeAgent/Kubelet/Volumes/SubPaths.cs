using Flotilla.NodeAgent.Kubelet.Containers;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>A path inside a volume, made if missing; one that leads out of the volume, by <c>..</c> or a link, is refused.</summary>
internal static class SubPaths
{
    public static string Resolve(string volume, string subPath)
    {
        if (Path.IsPathRooted(subPath) || subPath.Split('/').Contains(".."))
        {
            throw new ContainerConfigException($"subPath \"{subPath}\" must be a relative path within the volume");
        }

        var root = Real(volume);
        var path = Path.Combine(root, subPath);
        var real = Real(path);
        if (real != root && !real.StartsWith(root + "/", StringComparison.Ordinal))
        {
            throw new ContainerConfigException($"subPath \"{subPath}\" leads out of its volume");
        }

        if (!Path.Exists(real))
        {
            Directory.CreateDirectory(real);
            File.SetUnixFileMode(real, File.GetUnixFileMode(root));
        }

        return real;
    }

    /// <summary>With every link on the way followed.</summary>
    private static string Real(string path)
    {
        var result = "/";
        foreach (var part in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            result = Path.Combine(result, part);
            if (new FileInfo(result).LinkTarget is { } target)
            {
                result = Real(Path.Combine(Path.GetDirectoryName(result)!, target));
            }
        }

        return result;
    }
}
