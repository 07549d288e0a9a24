using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Files that volumes are made of: keys of secrets and config maps, what a pod is told of itself, tokens.</summary>
internal static class VolumeFileValidation
{
    private const string FileMode = "must be a number between 0 and 0777 (octal), both inclusive";

    private static readonly string[] told = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

    /// <summary>A file's mode bits.</summary>
    public static void Mode(JsonObject obj, string name, string path, FieldErrors errors)
    {
        if (obj.Number(name) is { } mode and (< 0 or > 511))
        {
            errors.Invalid($"{path}.{name}", mode, FileMode);
        }
    }

    public static void Files(JsonObject source, string path, FieldErrors errors)
    {
        foreach (var (index, item) in source.Items("items").Index())
        {
            var at = $"{path}.items[{index}]";
            Rules.Required(item, "key", at, errors);
            Rules.Required(item, "path", at, errors);
            Rules.LocalFile(item, "path", at, errors);
            Mode(item, "mode", at, errors);
        }
    }

    public static void DownwardFiles(JsonObject source, string path, FieldErrors errors)
    {
        foreach (var file in source.Items("items"))
        {
            Rules.Required(file, "path", path, errors);
            Rules.LocalFile(file, "path", path, errors);
            var (field, resource) = (file.Object("fieldRef"), file.Object("resourceFieldRef"));
            if (field is not null)
            {
                FieldReferenceValidation.Field(field, told, $"{path}.fieldRef", errors);
                if (resource is not null) { errors.Invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"); }
            }
            else if (resource is not null) { FieldReferenceValidation.Resource(resource, inVolume: true, $"{path}.resourceFieldRef", errors); }
            else { errors.Required(path, "one of fieldRef and resourceFieldRef is required"); }

            Mode(file, "mode", path, errors);
        }
    }

    public static void Projected(JsonObject projected, string path, FieldErrors errors)
    {
        Mode(projected, "defaultMode", path, errors);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, source) in projected.Items("sources").Index())
        {
            var at = $"{path}.sources[{index}]";
            foreach (var kind in (ReadOnlySpan<string>)["secret", "configMap"])
            {
                if (source.Object(kind) is not { } files) { continue; }
                Rules.Required(files, "name", $"{at}.{kind}", errors);
                Files(files, $"{at}.{kind}", errors);
                foreach (var _ in Taken(files, paths)) { errors.Invalid(path, files.Text("name") ?? "", "conflicting duplicate paths"); }
            }

            if (source.Object("downwardAPI") is { } downward)
            {
                DownwardFiles(downward, $"{at}.downwardAPI", errors);
                foreach (var taken in Taken(downward, paths)) { errors.Invalid(path, taken, "conflicting duplicate paths"); }
            }

            if (source.Object("serviceAccountToken") is { } token) { ServiceAccountToken(token, $"{at}.serviceAccountToken", path, errors); }
            if (source.Count > 1) { errors.Forbidden(at, "may not specify more than 1 volume type per source"); }
        }
    }

    /// <summary>Paths that another file of the volume has; those of tokens are not looked at.</summary>
    private static IEnumerable<string> Taken(JsonObject source, HashSet<string> paths) =>
        source.Items("items").Select(static item => item.Text("path") ?? "").Where(one => one.Length > 0 && !paths.Add(one)).ToList();

    /// <param name="volume">Upstream names the volume where the token's own path is wrong.</param>
    private static void ServiceAccountToken(JsonObject token, string path, string volume, FieldErrors errors)
    {
        var seconds = token.Number("expirationSeconds");
        if (seconds < 600) { errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes"); }
        if (seconds > 1L << 32) { errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds"); }
        Rules.Required(token, "path", volume, errors);
        Rules.LocalFile(token, "path", volume, errors);
    }
}
