using System.Globalization;
using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

/// <summary>A number, or text such as <c>25%</c> or the name of a port.</summary>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString
{
    public IntOrString(int number) => Number = number;

    public IntOrString(string text) => Text = text;

    public int Number { get; }
    public string? Text { get; }

    public static implicit operator IntOrString(int number) => new(number);

    public static implicit operator IntOrString(string text) => new(text);

    /// <summary>The number itself, or the percentage of <paramref name="total"/>; null where the text is no percentage.</summary>
    public int? Scale(int total, bool roundUp)
    {
        if (Text is null)
        {
            return Number;
        }
        if (!Text.EndsWith('%') || !int.TryParse(Text.AsSpan(0, Text.Length - 1), NumberStyles.None, null, out var percent))
        {
            return null;
        }
        var share = (long)total * percent;
        return (int)(roundUp ? (share + 99) / 100 : share / 100);
    }

    public override string ToString() => Text ?? Number.ToString(CultureInfo.InvariantCulture);
}
