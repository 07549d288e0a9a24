using System.Text;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>The files of configMap, secret, downwardAPI and projected volumes, as they should be now.</summary>
internal sealed class ProjectedFiles(Pod pod, IClusterObjects objects, DownwardFields fields, ServiceAccountTokens tokens)
{
    private const int DefaultMode = 0b110_100_100;

    private string Namespace => pod.Metadata.Namespace ?? "default";

    /// <summary>Null where the volume is of another kind.</summary>
    public async Task<IReadOnlyCollection<VolumeFile>?> OfAsync(Volume volume, CancellationToken cancellationToken) => volume switch
    {
        { ConfigMap: { } map } => await ConfigMapAsync(map.Name, map.Items, map.DefaultMode ?? DefaultMode, map.Optional, cancellationToken),
        { Secret: { } secret } => await SecretAsync(secret.SecretName, secret.Items, secret.DefaultMode ?? DefaultMode, secret.Optional, cancellationToken),
        { DownwardAPI: { } downward } => Downward(downward.Items, downward.DefaultMode ?? DefaultMode),
        { Projected: { } projected } => await ProjectedAsync(projected, cancellationToken),
        _ => null,
    };

    private async Task<IReadOnlyCollection<VolumeFile>> ProjectedAsync(ProjectedVolumeSource projected, CancellationToken cancellationToken)
    {
        var mode = projected.DefaultMode ?? DefaultMode;
        var files = new Dictionary<string, VolumeFile>(StringComparer.Ordinal);
        foreach (var source in projected.Sources ?? [])
        {
            var part = source switch
            {
                { ConfigMap: { } map } => await ConfigMapAsync(map.Name, map.Items, mode, map.Optional, cancellationToken),
                { Secret: { } secret } => await SecretAsync(secret.Name, secret.Items, mode, secret.Optional, cancellationToken),
                { DownwardAPI: { } downward } => Downward(downward.Items, mode),
                { ServiceAccountToken: { } token } => [await TokenAsync(token, mode, cancellationToken)],
                _ => throw new ContainerConfigException("a source of the projected volume is not supported"),
            };
            foreach (var file in part)
            {
                files[file.Path] = file;
            }
        }

        return files.Values;
    }

    private async Task<VolumeFile> TokenAsync(ServiceAccountTokenProjection token, int mode, CancellationToken cancellationToken)
    {
        var text = await tokens.GetAsync(pod, token.Audience, token.ExpirationSeconds ?? 3600, cancellationToken);
        // For those alone who the pod says it runs as; where that is not one user, for all.
        var owner = OnlyUser();
        return new(token.Path, Encoding.ASCII.GetBytes(text), owner is null && pod.Spec?.SecurityContext?.FsGroup is null ? mode : 0b110_000_000, owner);
    }

    private long? OnlyUser()
    {
        var users = (pod.Spec?.InitContainers ?? []).Concat(pod.Spec?.Containers ?? [])
            .Select(container => container.SecurityContext?.RunAsUser ?? pod.Spec?.SecurityContext?.RunAsUser).Distinct().ToList();
        return users is [{ } user] ? user : null;
    }

    private async Task<IReadOnlyCollection<VolumeFile>> ConfigMapAsync(
        string? name, KeyToPath[]? items, int mode, bool? optional, CancellationToken cancellationToken)
    {
        var found = await objects.ConfigMapAsync(Namespace, name ?? "", cancellationToken);
        if (found is null && optional != true)
        {
            throw new ContainerConfigException($"configmap \"{name}\" not found");
        }

        var content = (found?.Data ?? new Dictionary<string, string>()).ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetBytes(pair.Value));
        foreach (var (key, value) in found?.BinaryData ?? new Dictionary<string, byte[]>())
        {
            content[key] = value;
        }

        return Pick(content, items, mode, optional);
    }

    private async Task<IReadOnlyCollection<VolumeFile>> SecretAsync(
        string? name, KeyToPath[]? items, int mode, bool? optional, CancellationToken cancellationToken)
    {
        var found = await objects.SecretAsync(Namespace, name ?? "", cancellationToken);
        return found is null && optional != true
            ? throw new ContainerConfigException($"secret \"{name}\" not found")
            : Pick(found?.Data ?? new Dictionary<string, byte[]>(), items, mode, optional);
    }

    private List<VolumeFile> Downward(DownwardAPIVolumeFile[]? items, int mode)
    {
        var anyContainer = pod.Spec?.Containers is [var first, ..] ? first : new Container();
        return [.. (items ?? []).Select(item => new VolumeFile(
            item.Path,
            Encoding.UTF8.GetBytes(item.FieldRef is { } field ? fields.Field(field.FieldPath) : fields.Resource(item.ResourceFieldRef!, anyContainer)),
            item.Mode ?? mode))];
    }

    private static List<VolumeFile> Pick(IReadOnlyDictionary<string, byte[]> content, KeyToPath[]? items, int mode, bool? optional)
    {
        if (items is null)
        {
            return [.. content.Select(pair => new VolumeFile(pair.Key, pair.Value, mode))];
        }

        var missing = items.FirstOrDefault(item => !content.ContainsKey(item.Key));
        return missing is not null && optional != true
            ? throw new ContainerConfigException($"references non-existent config key: {missing.Key}")
            : [.. items.Where(item => content.ContainsKey(item.Key)).Select(item => new VolumeFile(item.Path, content[item.Key], item.Mode ?? mode))];
    }
}
