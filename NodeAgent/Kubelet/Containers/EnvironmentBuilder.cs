using System.Text;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>
/// A container's environment: service variables, then <c>envFrom</c>, then <c>env</c>, where later wins and a value may use
/// <c>$(NAME)</c> of what was set before it.
/// </summary>
public sealed class EnvironmentBuilder(IClusterObjects objects, DownwardFields fields)
{
    public async Task<IReadOnlyDictionary<string, string>> BuildAsync(Pod pod, Container container, CancellationToken cancellationToken)
    {
        var ns = pod.Metadata.Namespace ?? "default";
        var services = await objects.ServicesAsync(cancellationToken);
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (name, value) in await FromAsync(ns, source, cancellationToken))
            {
                result[source.Prefix + name] = value;
            }
        }

        var links = ServiceVariables.Of(services, ns, pod.Spec?.EnableServiceLinks ?? true).ToDictionary(pair => pair.Key, pair => pair.Value);
        var known = new Dictionary<string, string>(links.Concat(result).GroupBy(pair => pair.Key).Select(group => group.Last()));
        foreach (var variable in container.Env ?? [])
        {
            if (await ValueAsync(ns, variable, container, known, cancellationToken) is { } value)
            {
                known[variable.Name] = result[variable.Name] = value;
            }
        }

        foreach (var (name, value) in links)
        {
            result.TryAdd(name, value);
        }

        return result;
    }

    private async Task<string?> ValueAsync(
        string ns, EnvVar variable, Container container, Dictionary<string, string> known, CancellationToken cancellationToken)
    {
        if (variable.ValueFrom is not { } source)
        {
            return VariableExpansion.Expand(variable.Value ?? "", known);
        }

        return source switch
        {
            { FieldRef: { } field } => fields.Field(field.FieldPath),
            { ResourceFieldRef: { } resource } => fields.Resource(resource, container),
            { ConfigMapKeyRef: { } key } => await KeyAsync(ns, key, cancellationToken),
            { SecretKeyRef: { } key } => await KeyAsync(ns, key, cancellationToken),
            _ => throw new ContainerConfigException($"environment variable {variable.Name} has a source that is not supported"),
        };
    }

    private async Task<string?> KeyAsync(string ns, ConfigMapKeySelector key, CancellationToken cancellationToken)
    {
        var found = await objects.ConfigMapAsync(ns, key.Name ?? "", cancellationToken);
        return found?.Data?.GetValueOrDefault(key.Key) ?? Absent("configmap", "ConfigMap", ns, key.Name, key.Key, found is not null, key.Optional);
    }

    private async Task<string?> KeyAsync(string ns, SecretKeySelector key, CancellationToken cancellationToken)
    {
        var found = await objects.SecretAsync(ns, key.Name ?? "", cancellationToken);
        return found?.Data?.GetValueOrDefault(key.Key) is { } value
            ? Encoding.UTF8.GetString(value)
            : Absent("secret", "Secret", ns, key.Name, key.Key, found is not null, key.Optional);
    }

    private static string? Absent(string resource, string kind, string ns, string? name, string key, bool objectFound, bool? optional) => optional == true
        ? null
        : throw new ContainerConfigException(objectFound ? $"couldn't find key {key} in {kind} {ns}/{name}" : $"{resource} \"{name}\" not found");

    private async Task<IEnumerable<KeyValuePair<string, string>>> FromAsync(string ns, EnvFromSource source, CancellationToken cancellationToken)
    {
        if (source.ConfigMapRef is { } map)
        {
            var found = await objects.ConfigMapAsync(ns, map.Name ?? "", cancellationToken);
            return found?.Data ?? Nothing("configmap", map.Name, found is not null, map.Optional);
        }

        if (source.SecretRef is { } secret)
        {
            var found = await objects.SecretAsync(ns, secret.Name ?? "", cancellationToken);
            return found?.Data?.Select(pair => KeyValuePair.Create(pair.Key, Encoding.UTF8.GetString(pair.Value)))
                ?? Nothing("secret", secret.Name, found is not null, secret.Optional);
        }

        return [];
    }

    private static IEnumerable<KeyValuePair<string, string>> Nothing(string resource, string? name, bool objectFound, bool? optional) =>
        objectFound || optional == true ? [] : throw new ContainerConfigException($"{resource} \"{name}\" not found");
}
