using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>
/// The links that log collectors follow: <c>&lt;pod&gt;_&lt;namespace&gt;_&lt;container&gt;-&lt;id&gt;.log</c> in <c>/var/log/containers</c>, each to a
/// container's log. A collector takes the names of all four from the link's own.
/// </summary>
internal static class LogLinks
{
    private const string Suffix = ".log";

    /// <summary>Of a name in ext4.</summary>
    private const int LongestName = 255;

    /// <summary>Too long a name loses the end of the id, never the suffix, which collectors look for.</summary>
    public static string Name(Pod pod, string container, string id)
    {
        var name = $"{pod.Metadata.Name}_{pod.Metadata.Namespace}_{container}-{id}";
        return name[..Math.Min(name.Length, LongestName - Suffix.Length)] + Suffix;
    }

    /// <summary>Makes no link to a log that is not there: the runtime may write none.</summary>
    public static void Create(KubeletOptions options, Pod pod, string container, string id, string log)
    {
        if (File.Exists(log))
        {
            Directory.CreateDirectory(options.LogLinkDirectory);
            Remove(options, pod, container, id);
            File.CreateSymbolicLink(Path.Combine(options.LogLinkDirectory, Name(pod, container, id)), log);
        }
    }

    public static void Remove(KubeletOptions options, Pod pod, string container, string id)
    {
        if (Directory.Exists(options.LogLinkDirectory))
        {
            File.Delete(Path.Combine(options.LogLinkDirectory, Name(pod, container, id)));
        }
    }

    /// <summary>The links to logs of this node that are no longer there, with the id of their container, or as much of it as the name holds.</summary>
    public static IEnumerable<(string Path, string Id)> Dangling(KubeletOptions options)
    {
        var folder = new DirectoryInfo(options.LogLinkDirectory);
        return (folder.Exists ? folder.GetFiles("*" + Suffix) : [])
            .Where(link => link.LinkTarget?.StartsWith(options.LogDirectory + "/", StringComparison.Ordinal) == true && !File.Exists(link.LinkTarget))
            .Select(link => (link.FullName, link.Name[(link.Name.LastIndexOf('-') + 1)..^Suffix.Length]));
    }
}
