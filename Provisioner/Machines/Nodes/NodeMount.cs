namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>A line of fstab(5).</summary>
internal sealed record NodeMount(string Source, string Target, string Type, string Options)
{
    public static NodeMount Bind(string source, string target) => new(source, target, "none", "bind,X-mount.mkdir");

    public static NodeMount ReadOnly(string source, string target) => new(source, target, "none", "bind,ro,X-mount.mkdir");

    public override string ToString() => $"{Escaped(Source)} {Escaped(Target)} {Type} {Escaped(Options)} 0 0";

    private static string Escaped(string field) =>
        field.Replace(@"\", @"\134", StringComparison.Ordinal).Replace(" ", @"\040", StringComparison.Ordinal).Replace("\t", @"\011", StringComparison.Ordinal);
}
