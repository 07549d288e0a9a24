namespace Flotilla.NodeAgent.Kubelet.Images;

/// <summary>Parts of an image reference: <c>registry:5000/team/app:1.2@sha256:…</c>.</summary>
public static class ImageName
{
    public static bool IsValid(string name) =>
        name.Length > 0 && !name.Contains(' ') && !name.Contains("//", StringComparison.Ordinal) && Repository(name) is { Length: > 0 } repository
        && !repository.Any(char.IsAsciiLetterUpper) && char.IsAsciiLetterOrDigit(repository[0]);

    /// <summary>With the default tag where neither tag nor digest is given.</summary>
    public static string WithTag(string name) => name.Contains('@') || TagAt(name) > 0 ? name : $"{name}:latest";

    public static string Repository(string name)
    {
        var withoutDigest = name.Split('@')[0];
        var tag = TagAt(withoutDigest);
        return tag > 0 ? withoutDigest[..tag] : withoutDigest;
    }

    /// <summary>The registry's host: what a pull secret names. The first part, if it looks like a host.</summary>
    public static string Registry(string name)
    {
        var first = name.Split('/')[0];
        return name.Contains('/') && (first.Contains('.') || first.Contains(':') || first == "localhost") ? first : "docker.io";
    }

    private static int TagAt(string name)
    {
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? colon : -1;
    }
}
